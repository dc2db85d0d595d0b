//! Processes that cannot continue because records of theirs are damaged or missing.

use std::collections::HashMap;

use crate::arweave::Id;

/// Why each blocked process is blocked. The list is rebuilt whenever the network settles, since the store may have been
/// repaired.
#[derive(Default)]
pub(crate) struct Blocked {
    reasons: HashMap<Id, String>,
    /// The reason that was last reported for each process, so that one reason makes one event.
    reported: HashMap<Id, String>,
}

impl Blocked {
    pub(crate) fn clear(&mut self) {
        self.reasons.clear();
    }

    pub(crate) fn reason(&self, process: &Id) -> Option<&str> {
        self.reasons.get(process).map(String::as_str)
    }

    pub(crate) fn any_reason(&self) -> Option<&str> {
        self.reasons.values().next().map(String::as_str)
    }

    /// Blocks a process. Returns whether the reason has not been reported yet.
    pub(crate) fn insert(&mut self, process: Id, reason: String) -> bool {
        let is_new = self.reported.get(&process) != Some(&reason);
        if is_new {
            self.reported.insert(process, reason.clone());
        }
        self.reasons.insert(process, reason);
        is_new
    }
}
