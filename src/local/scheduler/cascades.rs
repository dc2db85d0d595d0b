//! Counts the messages of each cascade: all messages that one message leads to.

use std::collections::HashMap;

use crate::arweave::Id;

/// Number of messages by the id of the message that started the cascade. Holds only cascades that are not finished.
#[derive(Default)]
pub(crate) struct Cascades(HashMap<Id, usize>);

impl Cascades {
    pub(crate) fn count(&self, root: &Id) -> usize {
        self.0.get(root).copied().unwrap_or(0)
    }

    /// Counts one more message and returns the new count.
    pub(crate) fn increment(&mut self, root: Id) -> usize {
        let count = self.0.entry(root).or_default();
        *count += 1;
        *count
    }

    /// Raises the count to a stored one, so that a restart of the network does not reset the limit.
    pub(crate) fn raise(&mut self, root: Id, stored: usize) {
        let count = self.0.entry(root).or_default();
        *count = stored.max(*count);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
