//! Events of a network, and the log that keeps them until the caller takes them.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::arweave::Id;

/// Something that happened in the network, for a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `spawned`, `message`, `pushed`, `failed`, `not delivered`, `cascade stopped`, `ticks left out`, `damaged`.
    pub what: &'static str,
    /// The process that the event is about.
    pub process: Id,
    /// The message that caused the event.
    pub message: Id,
    /// Details, in words.
    pub detail: String,
}

impl Event {
    pub(crate) fn new(what: &'static str, process: Id, message: Id) -> Self {
        Self {
            what,
            process,
            message,
            detail: String::new(),
        }
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// When the log is full, the oldest event is dropped. Callers may never take events.
const MAX_EVENTS: usize = 1000;

/// The newest events, oldest first.
#[derive(Default)]
pub(crate) struct EventLog(RefCell<VecDeque<Event>>);

impl EventLog {
    pub(crate) fn push(&self, event: Event) {
        let mut events = self.0.borrow_mut();
        if events.len() == MAX_EVENTS {
            events.pop_front();
        }
        events.push_back(event);
    }

    pub(crate) fn take(&self) -> Vec<Event> {
        self.0.borrow_mut().drain(..).collect()
    }
}
