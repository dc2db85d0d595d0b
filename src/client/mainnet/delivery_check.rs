//! Checks whether the schedule of a process shows a message. This file builds the requests and reads the responses; it sends
//! nothing.
//!
//! The requests select bundled JSON, which names every commitment of a message: those of data items and of HTTP messages.

use super::payload::JSON_QUERY;
use crate::client::http::contains;
use crate::platform::{Response, SentMessage};
use crate::protocol::JsonTree;

/// Slots of the first page. Each further page has twice as many.
const FIRST_PAGE: u64 = 20;
/// Maximum of slots that are read.
const MAX_SLOTS: u64 = 1000;
/// Milliseconds by which the clocks of a proxy, a node and a scheduler may differ.
const MARGIN: u64 = 60_000;
/// Milliseconds by which the caller's clock may differ. Used if the node's time is not known.
const WIDE_MARGIN: u64 = 3_600_000;

/// What a schedule shows of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// The message has this slot.
    Scheduled(u64),
    /// No slot that was assigned since the first copy was sent has the message.
    NotScheduled,
    /// A response is an error, cannot be read, or does not show it.
    Unknown,
}

/// One check. It reads the schedule from the newest slot back to slots that are older than the first copy of the message.
pub struct DeliveryCheck<'a> {
    sent: &'a SentMessage,
    /// When the first copy was sent, by the caller's clock.
    began: u64,
    /// The slots of the next request: from the first number up to, but without, the second. `None` until the newest slot is known.
    page: Option<(u64, u64)>,
    /// The slot after the newest.
    end: u64,
    /// Slots with an earlier timestamp are older than the message.
    since: u64,
}

impl<'a> DeliveryCheck<'a> {
    pub fn new(sent: &'a SentMessage, began: u64) -> Self {
        Self {
            sent,
            began,
            // The first slot of a process holds the message that created it.
            page: (sent.process == sent.message).then_some((0, 1)),
            end: 1,
            since: 0,
        }
    }

    /// The path of the next request.
    pub fn path(&self) -> String {
        let process = self.sent.process;
        match self.page {
            None => format!("{process}~process@1.0/slot?{JSON_QUERY}"),
            Some((from, end)) => format!("{process}~process@1.0/schedule?from={from}&to={}&{JSON_QUERY}", end - 1),
        }
    }

    /// Reads the response, which came at `now` by the caller's clock. `None` when a further request is needed.
    pub fn read(&mut self, response: &Response, now: u64) -> Option<DeliveryStatus> {
        let tree: Option<JsonTree> = serde_json::from_str(&response.body).ok();
        let read = tree.and_then(|tree| match self.page {
            None => self.read_newest(response, &tree, now).map(|()| None),
            Some(page) => self.read_page(response, &tree, page),
        });
        read.unwrap_or(Some(DeliveryStatus::Unknown))
    }

    /// Reads the newest slot. `None` if it cannot be read.
    fn read_newest(&mut self, response: &Response, tree: &JsonTree, now: u64) -> Option<()> {
        let newest = whole(tree.get("current")?)?;
        if !response.ok() || !self.is_of_process(tree) {
            return None;
        }
        self.end = newest.checked_add(1)?;
        self.page = Some((self.end.saturating_sub(FIRST_PAGE), self.end));
        let elapsed = now.saturating_sub(self.began);
        self.since = match response.date {
            Some(date) => date.saturating_sub(elapsed).saturating_sub(MARGIN),
            None => self.began.saturating_sub(WIDE_MARGIN),
        };
        Some(())
    }

    /// Reads a page of slots. `None` if it cannot be read; `Some(None)` if the next page is needed.
    fn read_page(
        &mut self,
        response: &Response,
        tree: &JsonTree,
        (from, end): (u64, u64),
    ) -> Option<Option<DeliveryStatus>> {
        if !response.ok() {
            return self.is_unknown(response).then_some(Some(DeliveryStatus::NotScheduled));
        }
        let assignments = tree.get("assignments")?;
        let mut is_whole = true;
        for slot in from..end {
            let assignment = assignments.get(&slot.to_string());
            match assignment.and_then(|assignment| self.is_in(assignment)) {
                Some(true) => return Some(Some(DeliveryStatus::Scheduled(slot))),
                Some(false) => {}
                None => is_whole = false,
            }
        }
        if !is_whole {
            return None;
        }
        if from == 0 || whole(assignments.get(&from.to_string())?.get("timestamp")?)? < self.since {
            return Some(Some(DeliveryStatus::NotScheduled));
        }
        let next = from.saturating_sub((end - from) * 2);
        if self.end - next > MAX_SLOTS {
            return None;
        }
        self.page = Some((next, from));
        Some(None)
    }

    /// Whether this error means that the node does not have the process that the message creates.
    fn is_unknown(&self, error: &Response) -> bool {
        self.creates_process()
            && contains(error, "necessary_message_not_found")
            && contains(error, &self.sent.process.to_string())
    }

    fn is_of_process(&self, tree: &JsonTree) -> bool {
        tree.get("process").and_then(JsonTree::text) == Some(&*self.sent.process.to_string())
    }

    fn creates_process(&self) -> bool {
        self.sent.process == self.sent.message
    }

    /// Whether an assignment holds the message. `None` if that does not show.
    fn is_in(&self, assignment: &JsonTree) -> Option<bool> {
        let id = self.sent.message.to_string();
        if !self.is_of_process(assignment) {
            return None;
        }
        let body = assignment.get("body")?;
        let Some(JsonTree::Map(commitments)) = body.get("commitments") else {
            // Networks without commitments name the id of the message.
            return Some(body.get("id")?.text()? == id);
        };
        if !commitments.iter().any(|(name, _)| *name == id) {
            return (!commitments.is_empty()).then_some(false);
        }
        // A node stores messages by their content. Two that differ only in their signatures show each other's signatures.
        let is_signature =
            |commitment: &JsonTree| commitment.get("type").and_then(JsonTree::text) != Some("hmac-sha256");
        let signatures = commitments.iter().filter(|(_, each)| is_signature(each)).count();
        (signatures == 1 || self.creates_process()).then_some(true)
    }
}

fn whole(number: &JsonTree) -> Option<u64> {
    match number {
        JsonTree::Whole(number) => Some(*number),
        _ => None,
    }
}
