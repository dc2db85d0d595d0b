//! What is to be evaluated: a process for each entry that may not be settled, in order of arrival.

use std::collections::{HashMap, VecDeque};

use crate::arweave::Id;

#[derive(Default)]
pub(crate) struct Queue {
    order: VecDeque<Id>,
    /// How often each process is in it.
    counts: HashMap<Id, usize>,
}

impl Queue {
    pub(crate) fn push(&mut self, process: Id) {
        *self.counts.entry(process).or_default() += 1;
        self.order.push_back(process);
    }

    pub(crate) fn first(&self) -> Option<Id> {
        self.order.front().copied()
    }

    /// Takes the first away. True when it was the last one of its process.
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

    pub(crate) fn has(&self, process: &Id) -> bool {
        self.counts.contains_key(process)
    }
}

impl FromIterator<Id> for Queue {
    fn from_iter<T: IntoIterator<Item = Id>>(processes: T) -> Self {
        let mut queue = Self::default();
        processes.into_iter().for_each(|process| queue.push(process));
        queue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_process_is_told_from_the_others() {
        let [a, b] = [Id::of(b"a"), Id::of(b"b")];
        let mut queue = Queue::from_iter([a, b, a]);
        assert_eq!(queue.first(), Some(a));
        assert!(!queue.pop() && queue.has(&a));
        assert!(queue.pop() && !queue.has(&b));
        assert!(queue.pop() && queue.first().is_none());
        assert!(!queue.pop());
    }
}
