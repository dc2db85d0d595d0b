//! Queue of entries that are not settled: each entry is represented by its process, in order of arrival.

use std::collections::{HashMap, VecDeque};

use crate::arweave::Id;

#[derive(Default)]
pub(crate) struct Pending {
    order: VecDeque<Id>,
    /// How often each process is in the queue.
    counts: HashMap<Id, usize>,
}

impl Pending {
    pub(crate) fn push(&mut self, process: Id) {
        *self.counts.entry(process).or_default() += 1;
        self.order.push_back(process);
    }

    pub(crate) fn first(&self) -> Option<Id> {
        self.order.front().copied()
    }

    /// Removes the first entry. Returns true if its process has no further entry in the queue.
    pub(crate) fn pop(&mut self) -> bool {
        let Some(process) = self.order.pop_front() else {
            return false;
        };
        let left = self.counts.get(&process).map_or(0, |count| count - 1);
        if left == 0 {
            self.counts.remove(&process);
        } else {
            self.counts.insert(process, left);
        }
        left == 0
    }

    pub(crate) fn contains(&self, process: &Id) -> bool {
        self.counts.contains_key(process)
    }
}

impl FromIterator<Id> for Pending {
    fn from_iter<T: IntoIterator<Item = Id>>(processes: T) -> Self {
        let mut pending = Self::default();
        processes.into_iter().for_each(|process| pending.push(process));
        pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pop_tells_whether_a_process_has_further_entries() {
        let [a, b] = [Id::of(b"a"), Id::of(b"b")];
        let mut pending = Pending::from_iter([a, b, a]);
        assert_eq!(pending.first(), Some(a));
        assert!(!pending.pop() && pending.contains(&a));
        assert!(pending.pop() && !pending.contains(&b));
        assert!(pending.pop() && pending.first().is_none());
        assert!(!pending.pop());
    }
}
