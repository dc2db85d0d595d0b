//! Finds the scheduler unit of a process, and the slots of its messages.

use super::gateway::Location;
use super::{Client, UnitRead, check_ids};
use crate::client::{http, url};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Http, Timers, Unit};
use crate::protocol::{JsonTree, slot_of};

/// Address that leads to the scheduler of every process of the public network.
const ROUTER: &str = "https://su-router.ao-testnet.xyz";
/// Milliseconds for which the router's answer is cached: two days.
const ROUTER_TIME_TO_LIVE: u64 = 48 * 60 * 60 * 1000;

impl<H: Http + Clock + Timers> Client<H> {
    /// The slot of a message.
    pub async fn slot(&self, process: &str, message: &str) -> Result<String> {
        let answer = self.message_by_id(process, message).await?;
        slot_of(&answer.tree()?).ok_or_else(|| {
            Error::new(
                ErrorKind::BadResponse,
                "The scheduler's assignment has no Nonce tag, so the slot is unknown",
            )
            .with_text("body", answer.as_str())
        })
    }

    /// The newest slot of the last `since` milliseconds, if there is one.
    pub async fn last_slot(&self, process: &str, since: u64) -> Result<Option<String>> {
        let mut from = self.platform.now().saturating_sub(since).to_string();
        let mut slot = None;
        // A page holds the oldest messages of its range. The newest one is at the end of the last page.
        loop {
            let answer = self.read(UnitRead::messages_since(process, &from)).await?;
            let page = answer.tree()?;
            let Some(edges) = page.get("edges").and_then(JsonTree::list) else {
                return Err(Error::new(
                    ErrorKind::BadResponse,
                    "'edges': Required. The scheduler's answer holds no messages",
                )
                .with_text("body", answer.as_str()));
            };
            let Some(last) = edges.last() else { return Ok(slot) };
            slot = last.get("node").and_then(slot_of);
            match last.get("cursor").and_then(JsonTree::text) {
                // A scheduler that repeats a page would keep the call running for ever.
                Some(cursor) if edges.len() >= 100 && cursor != from => from = cursor.into(),
                _ => return Ok(slot),
            }
        }
    }

    /// The kind of the unit that [`locate`](Self::locate) finds. A scheduler that was looked up has no alternative endpoints.
    pub(super) fn scheduler(&self) -> Option<Unit> {
        self.units.scheduler.is_some().then_some(Unit::Scheduler)
    }

    /// The address of the scheduler unit that orders a process's messages.
    pub(super) async fn locate(&self, process: &str) -> Result<String> {
        check_ids(&[process])?;
        if let Some(url) = &self.units.scheduler {
            return Ok(url.clone());
        }
        let now = self.platform.now();
        if let Some(url) = self.schedulers.get(process, now) {
            return Ok(url);
        }
        let Location { url, time_to_live } = match self.locate_by_router(process).await {
            Some(location) => location,
            None => self.locate_by_gateway(process).await?,
        };
        self.schedulers.put(process, &url, now.saturating_add(time_to_live));
        Ok(url)
    }

    /// Asks the router, which is one request instead of two. After any failure, the gateway is asked.
    async fn locate_by_router(&self, process: &str) -> Option<Location> {
        let url = url::with_query(ROUTER, &[("process-id", Some(process))]);
        http::json(&self.platform, http::get(url, None)).await.ok()?;
        Some(Location {
            url: ROUTER.into(),
            time_to_live: ROUTER_TIME_TO_LIVE,
        })
    }
}
