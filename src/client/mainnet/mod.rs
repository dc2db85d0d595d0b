//! The verbs of AO on HyperBEAM nodes. All of them use one address.
//!
//! A verb that changes something sends a signed data item. The tags of the item select what the node does and the
//! form of its response. Reads are unsigned unless the caller asks for a signature. [`Mainnet::request`] sends messages
//! in HTTP's own form, which other code has encoded and signed.
//!
//! Each verb is a [`Plan`]: which path to request, what to send there, and how to read the response. [`Mainnet::run`] runs
//! every plan, so a page loads the code of one asynchronous function and not that of one per verb.

mod delivery_check;
mod page;
mod payload;
mod plan;
mod repeat;
mod request;
mod response;
#[cfg(feature = "verify")]
mod schedule;
mod spawn;

pub use delivery_check::{DeliveryCheck, DeliveryStatus};
pub use page::Page;
pub use payload::{HttpMessage, ItemFields, NoSigner, Payload, SALT};
pub use plan::{Delivery, Plan, Read, StateAt, path_of};
pub use response::{Delivered, NodeResponse, Reply};
#[cfg(feature = "verify")]
pub(crate) use schedule::{schedule_page, slot_result};
pub use spawn::SpawnParams;

use std::rc::Rc;

use crate::client::Message;
use crate::error::Result;
use crate::platform::{Http, Random};
use crate::protocol::Json;
use crate::signer::Signer;

/// The node that is used if the caller names none; the same as aoconnect's.
pub const DEFAULT_NODE: &str = "https://tee-6.forward.computer";

/// The verbs, bound to a node and to a platform.
pub struct Mainnet<H> {
    platform: H,
    node: Rc<str>,
    refuses_anchors: bool,
}

impl<H: Http + Random> Mainnet<H> {
    pub fn new(platform: H, node: &str) -> Self {
        Self {
            platform,
            node: node.into(),
            refuses_anchors: false,
        }
    }

    /// Says whether the node is of September 2025. Such a node refuses items that have an anchor, so they are neither signed
    /// nor sent.
    pub fn refusing_anchors(self, refuses_anchors: bool) -> Self {
        Self {
            refuses_anchors,
            ..self
        }
    }

    /// The same node over another platform, for example one with other retries for a single call.
    pub fn over<G>(&self, platform: G) -> Mainnet<G> {
        Mainnet {
            platform,
            node: self.node.clone(),
            refuses_anchors: self.refuses_anchors,
        }
    }

    /// Sends a message to a process.
    ///
    /// # Errors
    /// Before anything is sent: `BadId`, `BadTags`, `BadAnchor`, and the errors of the signer. Then `HttpNetwork`,
    /// `HttpStatus` and `BadResponse`, with the signed item's `id` among the details. `Unsupported` for an anchor that the node
    /// [refuses](Self::refusing_anchors).
    pub async fn message<S>(&self, message: Message<S::Data>, signer: &S, delivery: Delivery) -> Result<Delivered>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        self.run(Plan::message(message, delivery, signer)?).await?.delivered()
    }

    /// Creates a process. Returns its id. Without a scheduler, the node's own address is requested first and used.
    ///
    /// # Errors
    /// `BadArgument` without a module, and the errors of [`message`](Self::message); `BadResponse` if the response names no
    /// process.
    pub async fn spawn<S>(&self, params: SpawnParams<S::Data>, signer: &S) -> Result<String>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        self.run(Plan::spawn(params, signer)?).await?.process()
    }

    /// Reads without a signature.
    ///
    /// # Errors
    /// `BadId`; `HttpNetwork`, `HttpStatus`, `BadResponse`. For a state that does not exist: `HttpStatus` with status 404.
    pub async fn read(&self, process: &str, read: Read) -> Result<Json> {
        let plan: Plan<'_, NoSigner<H::Item>> = Plan::read(process, read)?;
        self.run(plan).await?.json()
    }

    /// Reads with a signed item, for nodes that serve signed requests only. The tags of a dryrun are part of the path; its
    /// data is the data of the item.
    ///
    /// # Errors
    /// Those of [`read`](Self::read) and of the signer.
    pub async fn read_signed<S>(&self, read: Read, item: Message<S::Data>, signer: &S) -> Result<Json>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        self.run(Plan::signed_read(item, read, signer)?).await?.json()
    }

    /// The slot of a process's newest message.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub async fn slot(&self, process: &str) -> Result<u64> {
        let plan: Plan<'_, NoSigner<H::Item>> = Plan::read(process, Read::Slot)?;
        self.run(plan).await?.slot()
    }

    /// Reads a page of results. Returns each with its slot, which is its cursor.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub async fn results(&self, process: &str, page: Page) -> Result<Vec<(u64, Json)>> {
        let plan: Plan<'_, NoSigner<H::Item>> = Plan::read(process, Read::Slot)?;
        let slots = self.run(plan.page(page)).await?.page()?;
        let mut results = Vec::with_capacity(slots.len());
        for slot in slots {
            results.push((slot, self.read(process, Read::Result(slot)).await?));
        }
        Ok(results)
    }

    /// Sends a message in HTTP's own form to any path. Returns the response as it is.
    ///
    /// # Errors
    /// `HttpNetwork` and `HttpStatus`, with the message's `id` among the details.
    pub async fn request(&self, path: &str, message: HttpMessage<H::Item>) -> Result<NodeResponse> {
        let plan: Plan<'_, NoSigner<H::Item>> = Plan::http(path.into(), message);
        self.run(plan).await?.raw()
    }
}
