//! The newest results of a light client.

use std::collections::VecDeque;

use crate::verify::SlotResult;

const MAX_RESULTS: usize = 1000;
/// Bytes of their texts.
const MAX_BYTES: usize = 32 << 20;

/// Results by slot, the oldest first.
#[derive(Default)]
pub(super) struct KeptResults {
    results: VecDeque<(u64, SlotResult)>,
    bytes: usize,
}

impl KeptResults {
    /// Adds a result. Those of crons are in no slot, and are left out.
    pub(super) fn add(&mut self, result: &SlotResult) {
        let Some(slot) = result.slot else { return };
        self.bytes += result.result.len();
        self.results.push_back((slot, result.clone()));
        while self.results.len() > MAX_RESULTS || self.bytes > MAX_BYTES && self.results.len() > 1 {
            let Some((_, oldest)) = self.results.pop_front() else {
                break;
            };
            self.bytes -= oldest.result.len();
        }
    }

    pub(super) fn in_slot(&self, slot: u64) -> Option<&SlotResult> {
        self.results
            .iter()
            .rev()
            .find(|(at, _)| *at == slot)
            .map(|(_, result)| result)
    }

    /// The result of the message, or of the assignment, with this id: the newest that was evaluated.
    pub(super) fn of(&self, id: &str) -> Option<&SlotResult> {
        let matches = |text: &Option<String>| text.as_deref() == Some(id);
        let mut found = self.results.iter().rev().map(|(_, result)| result);
        found.find(|result| matches(&result.message) || matches(&result.assignment))
    }
}
