//! What comes from the scheduler unit, and how to find it.

use std::cell::RefCell;

use super::gateway::Location;
use super::{Client, check_ids};
use crate::client::{http, url};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Http, Timers, Unit};
use crate::protocol::{Json, Node, slot_of};

/// Knows the scheduler of every process of the public network.
const ROUTER: &str = "https://su-router.ao-testnet.xyz";
/// How long the router's answer is believed: two days, in milliseconds.
const ROUTER_TIME_TO_LIVE: u64 = 48 * 60 * 60 * 1000;
/// How many schedulers are remembered.
const REMEMBERED: usize = 100;

/// Which messages of a process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageRange {
    /// Milliseconds since 1970 after which to begin. Without it, the process's own item comes first.
    pub from: Option<String>,
    /// Milliseconds since 1970 up to which to go.
    pub to: Option<String>,
    /// The slot after which to begin; -1 for the process's own item. `from` does not count then.
    pub from_nonce: Option<String>,
    /// The slot up to which to go.
    pub to_nonce: Option<String>,
    pub limit: Option<String>,
}

/// Where schedulers were found, the latest last.
#[derive(Default)]
pub struct SchedulerCache(RefCell<Vec<Known>>);

struct Known {
    process: String,
    url: String,
    until: u64,
}

impl SchedulerCache {
    fn get(&self, process: &str, now: u64) -> Option<String> {
        let mut known = self.0.borrow_mut();
        known.retain(|entry| entry.until > now);
        known
            .iter()
            .find(|entry| entry.process == process)
            .map(|entry| entry.url.clone())
    }

    fn put(&self, process: &str, url: &str, until: u64) {
        let mut known = self.0.borrow_mut();
        known.retain(|entry| entry.process != process);
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push(Known {
            process: process.into(),
            url: url.into(),
            until,
        });
    }
}

impl<H: Http + Clock + Timers> Client<H> {
    /// One page of a process's messages, as the scheduler wrote it.
    ///
    /// # Errors
    /// `BadId`; `NotFound` when the scheduler cannot be found; `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn messages(&self, process: &str, range: &MessageRange) -> Result<Json> {
        let scheduler = self.locate(process).await?;
        let url = url::with_query(
            &url::join(&scheduler, &[process]),
            &[
                ("from", range.from.as_deref()),
                ("to", range.to.as_deref()),
                ("from-nonce", range.from_nonce.as_deref()),
                ("to-nonce", range.to_nonce.as_deref()),
                ("limit", range.limit.as_deref()),
                // Schedulers of today refuse a schedule without it, though the path has it already.
                ("process-id", Some(process)),
            ],
        );
        http::json(&self.platform, http::get(url, self.scheduler())).await
    }

    /// One message and its assignment, as the scheduler wrote it.
    pub async fn message_by_id(&self, process: &str, message: &str) -> Result<Json> {
        check_ids(&[message])?;
        let scheduler = self.locate(process).await?;
        let url = url::with_query(&url::join(&scheduler, &[message]), &[("process-id", Some(process))]);
        http::json(&self.platform, http::get(url, self.scheduler())).await
    }

    /// The slot of a message.
    pub async fn slot(&self, process: &str, message: &str) -> Result<String> {
        let answer = self.message_by_id(process, message).await?;
        slot_of(&answer.node()?).ok_or_else(|| {
            Error::new(
                ErrorKind::BadResponse,
                "The scheduler's assignment has no Nonce tag, so the slot is unknown",
            )
            .with_text("body", answer.as_str())
        })
    }

    /// The newest slot of the last `since` milliseconds, if there is one.
    pub async fn last_slot(&self, process: &str, since: u64) -> Result<Option<String>> {
        let scheduler = self.locate(process).await?;
        let mut from = self.platform.now().saturating_sub(since).to_string();
        let mut slot = None;
        // A page holds the oldest messages of its range: the newest one is at the end of the last page.
        loop {
            let query = [
                ("process-id", Some(process)),
                ("limit", Some("100")),
                ("from", Some(from.as_str())),
            ];
            let url = url::with_query(&url::join(&scheduler, &[process]), &query);
            let answer = http::json(&self.platform, http::get(url, self.scheduler())).await?;
            let page = answer.node()?;
            let Some(edges) = page.get("edges").and_then(Node::list) else {
                return Err(Error::new(
                    ErrorKind::BadResponse,
                    "'edges': Required. The scheduler's answer holds no messages",
                )
                .with_text("body", answer.as_str()));
            };
            let Some(last) = edges.last() else { return Ok(slot) };
            slot = last.get("node").and_then(slot_of);
            match last.get("cursor").and_then(Node::text) {
                // A scheduler that gives the same page again must not keep the call for ever.
                Some(cursor) if edges.len() >= 100 && cursor != from => from = cursor.into(),
                _ => return Ok(slot),
            }
        }
    }

    /// The kind of the unit that [`locate`](Self::locate) finds. Only schedulers that were given have endpoints; one that was
    /// looked up is the only one for its process.
    fn scheduler(&self) -> Option<Unit> {
        self.units.scheduler.is_some().then_some(Unit::Scheduler)
    }

    /// The address of the scheduler unit that orders a process's messages.
    async fn locate(&self, process: &str) -> Result<String> {
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

    /// The router is the shorter way, and only that: whatever goes wrong there, the gateway knows better.
    async fn locate_by_router(&self, process: &str) -> Option<Location> {
        let url = url::with_query(ROUTER, &[("process-id", Some(process))]);
        http::json(&self.platform, http::get(url, None)).await.ok()?;
        Some(Location {
            url: ROUTER.into(),
            time_to_live: ROUTER_TIME_TO_LIVE,
        })
    }
}
