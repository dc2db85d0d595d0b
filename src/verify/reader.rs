//! Reads a schedule from a scheduler unit, and verifies it.

use super::{Chain, ChainLink, CheckedEntry, Entry, Gateway, ItemParts, MessageCheck, SchedulePage};
use super::{check_with_item, message, page_of};
use crate::arweave::{Id, to_base64url};
use crate::client::UnitRead;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, Timers};

/// An entry whose assignment, order and message are verified.
#[derive(Debug, Clone)]
pub struct VerifiedEntry {
    pub entry: Entry,
    /// The item, where it was read from the gateway: for messages that the schedule does not show, or not completely.
    pub item: Option<ItemParts>,
}

/// A schedule that is read and verified page by page.
pub struct Schedule<'a, H, D> {
    gateway: Gateway<'a, H, D>,
    process: Id,
    chain: Chain,
    /// Entries of a page.
    limit: u32,
}

impl<'a, H: Http + Clock + Timers, D: Download> Schedule<'a, H, D> {
    /// Begins with slot 0. The scheduler is the one that the process names, whose item is read from the gateway and verified.
    ///
    /// # Errors
    /// `VerifyProcess` for an item that is not the process, or names no scheduler; those of [`Gateway::item`].
    pub async fn from_genesis(gateway: Gateway<'a, H, D>, process: Id) -> Result<Self> {
        let item = gateway.item(&process).await?;
        let scheduler = scheduler_of(&item)?;
        Ok(Self::with(gateway, process, Chain::from_genesis(process, scheduler)))
    }

    /// Continues behind a verified assignment.
    pub fn after(gateway: Gateway<'a, H, D>, process: Id, scheduler: Id, link: ChainLink) -> Self {
        Self::with(gateway, process, Chain::after(process, scheduler, link))
    }

    /// Continues with this chain.
    pub fn with(gateway: Gateway<'a, H, D>, process: Id, chain: Chain) -> Self {
        Self {
            gateway,
            process,
            chain,
            limit: 100,
        }
    }

    /// Sets how many entries a page has.
    #[must_use]
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = limit.max(1);
        self
    }

    /// How far the schedule is verified.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Requests the next page. It is not verified; [`verify`](Self::verify) does that. A caller may request the page behind it
    /// meanwhile.
    ///
    /// # Errors
    /// Those of [`Client::read`](crate::client::Client::read), and of [`page_of`].
    pub async fn fetch(&self, after: i64) -> Result<SchedulePage> {
        let read = UnitRead::schedule(&self.process.to_string(), after, self.limit);
        page_of(&self.gateway.client.read(read).await?)
    }

    /// Reads and verifies the next page. An empty one is the end of the schedule.
    ///
    /// # Errors
    /// Those of [`fetch`](Self::fetch) and [`verify`](Self::verify).
    pub async fn next_page(&mut self) -> Result<Vec<VerifiedEntry>> {
        let after = i64::try_from(self.chain.next_slot()).unwrap_or(i64::MAX) - 1;
        let page = self.fetch(after).await?;
        let mut verified = Vec::with_capacity(page.entries.len());
        for entry in page.entries {
            verified.push(self.verify(entry).await?);
        }
        Ok(verified)
    }

    /// Verifies the entry behind the last one. The chain advances only if all of the entry is verified.
    ///
    /// # Errors
    /// `VerifyProcess`, `VerifyScheduler`, `VerifySignature`, `VerifyGap`, `VerifyChain`, `VerifyMessage`, `VerifyData`, and
    /// those of requests to the gateway.
    pub async fn verify(&mut self, entry: impl Into<CheckedEntry>) -> Result<VerifiedEntry> {
        let CheckedEntry { mut entry, mut signed } = entry.into();
        let mut chain = self.chain.clone();
        // Schedulers without `show-anchor` do not show what the signature covers.
        if entry.assignment.anchor.is_none() {
            let item = self.gateway.item(&entry.assignment.id).await?;
            entry.assignment.anchor = Some(to_base64url(&item.anchor));
            signed.assignment = false;
        }
        chain.advance_with(&entry, signed.assignment)?;
        let item = match message::check_with(&entry, signed.message)? {
            MessageCheck::Verified(_) => None,
            MessageCheck::NeedsItem(id) => {
                let item = self.gateway.item(&id).await;
                let item = item.map_err(|error| error.with_number("slot", entry.slot as f64))?;
                check_with_item(&entry, &item)?;
                Some(item)
            }
        };
        self.chain = chain;
        Ok(VerifiedEntry { entry, item })
    }
}

/// The scheduler that the item of a process names.
///
/// # Errors
/// `VerifyProcess`.
pub(super) fn scheduler_of(process: &ItemParts) -> Result<Id> {
    let wrong = |what: &str| {
        let message = format!("The item {} {what}. Check the id of the process", process.id());
        Error::new(ErrorKind::VerifyProcess, message)
    };
    if process.tag("Type") != Some("Process") {
        return Err(wrong("is not a process"));
    }
    let scheduler = process.tag("Scheduler").ok_or_else(|| wrong("names no scheduler"))?;
    Id::parse(scheduler, "Scheduler").map_err(|_| wrong("names a scheduler that is no address"))
}
