//! Reads a schedule from a HyperBEAM node, and verifies it.

use super::{NodeChain, NodeCheck, NodeEntry, NodeMessage, node_page_of};
use crate::arweave::Id;
use crate::client::mainnet::schedule_page;
use crate::error::Result;
use crate::platform::Http;

/// An entry of a node's schedule whose message, order and commitment are verified, as far as they can be: see
/// [`NodeChain::unverifiable`].
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedNodeEntry {
    pub entry: NodeEntry,
    /// The id of the message.
    pub message: Id,
    /// The message itself.
    pub item: NodeMessage,
    /// What the assignment's commitment is worth.
    pub check: NodeCheck,
}

/// A node's schedule that is read and verified page by page.
pub struct NodeSchedule<'a, H> {
    platform: &'a H,
    /// The address of the node.
    node: String,
    process: Id,
    chain: NodeChain,
    /// Entries of a page.
    limit: u64,
}

impl<'a, H: Http> NodeSchedule<'a, H> {
    /// Begins with slot 0.
    pub fn from_genesis(platform: &'a H, node: &str, process: Id) -> Self {
        Self::with(platform, node, process, NodeChain::from_genesis(process))
    }

    /// Continues with this chain.
    pub fn with(platform: &'a H, node: &str, process: Id, chain: NodeChain) -> Self {
        Self {
            platform,
            node: node.into(),
            process,
            chain,
            limit: 100,
        }
    }

    /// Sets how many entries a page has.
    #[must_use]
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = limit.max(1).into();
        self
    }

    /// How far the schedule is verified.
    pub fn chain(&self) -> &NodeChain {
        &self.chain
    }

    /// Requests the page that begins with a slot. It is not verified; [`verify`](Self::verify) does that. A caller may request
    /// the page behind it meanwhile.
    ///
    /// # Errors
    /// `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn fetch(&self, from: u64) -> Result<Vec<NodeEntry>> {
        let to = from.saturating_add(self.limit - 1);
        let page = schedule_page(self.platform, &self.node, &self.process, from, to).await?;
        node_page_of(&page)
    }

    /// Reads and verifies the next page. An empty one is the end of the schedule.
    ///
    /// # Errors
    /// Those of [`fetch`](Self::fetch) and [`verify`](Self::verify).
    pub async fn next_page(&mut self) -> Result<Vec<VerifiedNodeEntry>> {
        let page = self.fetch(self.chain.next_slot()).await?;
        page.into_iter().map(|entry| self.verify(entry)).collect()
    }

    /// Verifies the entry behind the last one.
    ///
    /// # Errors
    /// Those of [`NodeChain::advance`].
    pub fn verify(&mut self, entry: NodeEntry) -> Result<VerifiedNodeEntry> {
        let (item, check) = self.chain.verify(&entry)?;
        Ok(VerifiedNodeEntry {
            entry,
            message: item.id,
            item,
            check,
        })
    }
}
