//! The schedule of a process: its messages and cron ticks, in order of evaluation. Everything else about a process can be
//! computed from it.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ans104::Tag;
use crate::arweave::Id;
use crate::error;
use crate::local::json::text_tags;
use crate::protocol::Cron;
use crate::protocol::hash_chain::next_node_chain;

/// One message or tick in a schedule. Stored as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The id of the message. A tick has an artificial id.
    #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
    pub id: Id,
    /// Milliseconds since 1970. Strictly ascending within a process, so that pages by time have clear ends.
    pub timestamp: u64,
    /// The slot of a message. A tick has the slot of the message before it.
    pub nonce: u64,
    pub kind: EntryKind,
    /// Whether the process's outbox is delivered after evaluation.
    pub crank: bool,
    /// The message that started the cascade to which this entry belongs.
    #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
    pub root: Id,
    /// The number of messages in the cascade when the entry was made. Stored so that a restart does not reset the count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub led: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Why an entry is in the schedule. The names of variants and fields are part of the store's form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum EntryKind {
    /// A message that was sent to the process, or the process's own item.
    Message {
        #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
        chain: Id,
    },
    /// An existing message that was assigned to the process.
    Assigned {
        #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
        chain: Id,
        /// Members of the message that the assignment leaves out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        exclude: Vec<String>,
        /// The name of the outbox part that made the assignment, if a process made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// The first entry of a fork: the state of another process after one of its entries.
    Fork {
        #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
        chain: Id,
        #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
        process: Id,
        index: usize,
    },
    /// A cron tick. `cron` is an index into the process's crons.
    Tick { cron: usize },
}

/// How a message arrives at a scheduler.
pub(crate) enum Arrival {
    /// It is signed for the process, or it is the process's own item. A message that has a slot keeps it.
    Sent,
    /// The same at a HyperBEAM node, which gives a message a new slot each time it is sent.
    SentAgain,
    /// An existing message is assigned. `by` names the part of an outbox that assigns it, so that a crash does not make the
    /// assignment twice.
    Assigned { exclude: Vec<String>, by: Option<String> },
    /// It is a process that continues from the state of another process, after one of that process's entries.
    Fork { process: Id, index: usize },
}

impl Arrival {
    /// The kind of an entry that is made for this arrival.
    pub(crate) fn entry_kind(&self, chain: Id) -> EntryKind {
        match self {
            Self::Sent | Self::SentAgain => EntryKind::Message { chain },
            Self::Assigned { exclude, by } => EntryKind::Assigned {
                chain,
                exclude: exclude.clone(),
                by: by.clone(),
            },
            Self::Fork { process, index } => EntryKind::Fork {
                chain,
                process: *process,
                index: *index,
            },
        }
    }
}

impl Entry {
    /// The hash chain up to and including this entry. `None` for ticks, which have no slot.
    pub(crate) fn chain(&self) -> Option<Id> {
        match self.kind {
            EntryKind::Message { chain } | EntryKind::Assigned { chain, .. } | EntryKind::Fork { chain, .. } => {
                Some(chain)
            }
            EntryKind::Tick { .. } => None,
        }
    }

    pub(crate) fn is_tick(&self) -> bool {
        matches!(self.kind, EntryKind::Tick { .. })
    }

    pub(crate) fn is_assigned(&self) -> bool {
        matches!(self.kind, EntryKind::Assigned { .. })
    }
}

fn write_id<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn read_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
    let text = String::deserialize(deserializer)?;
    Id::parse(&text, "id").map_err(serde::de::Error::custom)
}

/// The schedule of one process, and what its own item says. A copy in memory of what is stored.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub owner: String,
    pub module: Id,
    pub tags: Vec<Tag>,
    pub crons: Vec<Cron>,
    /// The scheduler's pass in which the entries were read.
    pub read_in: u64,
    entries: Vec<Entry>,
    /// The number of leading entries whose results are stored and whose outboxes are delivered.
    settled: usize,
    /// The entry whose assignment was signed last, and the id of that assignment.
    signed: Option<(usize, Id)>,
    /// The index of each slot's entry.
    slots: Vec<usize>,
    /// The hash chain of a HyperBEAM node after each slot.
    node_chains: Vec<Id>,
    /// The index of the first entry of each message, by the message's id.
    by_message: HashMap<Id, usize>,
}

impl Schedule {
    pub(crate) fn new(owner: String, module: Id, tags: Vec<Tag>) -> Self {
        Self {
            owner,
            module,
            crons: Cron::parse(&text_tags(&tags)),
            tags,
            read_in: 0,
            entries: Vec::new(),
            settled: 0,
            signed: None,
            slots: Vec::new(),
            node_chains: Vec::new(),
            by_message: HashMap::new(),
        }
    }

    /// Checks that each tag of a cron's message follows a `Cron-Interval`. permaweb's compute unit evaluates no message of a
    /// process whose tags do not.
    ///
    /// # Errors
    /// `BadArgument`.
    pub(crate) fn check_crons(&self) -> error::Result<()> {
        match Cron::stray_tag(&text_tags(&self.tags)) {
            None => Ok(()),
            Some(name) => {
                let message = format!(
                    "The process cannot be evaluated: its tag {name} has no Cron-Interval before it. Spawn it with \
                     Cron-Interval first"
                );
                Err(error::Error::new(error::ErrorKind::BadArgument, message))
            }
        }
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        let index = self.entries.len();
        self.by_message.entry(entry.id).or_insert(index);
        if !entry.is_tick() {
            self.slots.push(index);
            self.node_chains
                .push(next_node_chain(self.node_chains.last(), &entry.id));
        }
        self.entries.push(entry);
    }

    /// All entries, in order of evaluation.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The number of leading entries that are settled.
    pub(crate) fn settled(&self) -> usize {
        self.settled
    }

    pub(crate) fn set_settled(&mut self, count: usize) {
        self.settled = count;
    }

    /// The id of an entry's assignment, if that assignment was signed last.
    pub(crate) fn signed_assignment(&self, index: usize) -> Option<Id> {
        self.signed
            .filter(|(signed, _)| *signed == index)
            .map(|(_, assignment)| assignment)
    }

    pub(crate) fn set_signed(&mut self, index: usize, assignment: Id) {
        self.signed = Some((index, assignment));
    }

    /// The entry that a message already has, if a second arrival of this kind does not make a new one.
    pub(crate) fn existing(&self, id: &Id, arrival: &Arrival) -> Option<usize> {
        match arrival {
            Arrival::Sent | Arrival::Fork { .. } => self.first_of(id),
            Arrival::SentAgain => None,
            Arrival::Assigned { by: None, .. } => None,
            Arrival::Assigned { by: again, .. } => {
                let same = |entry: &Entry| matches!(&entry.kind, EntryKind::Assigned { by, .. } if by == again);
                self.entries.iter().position(same)
            }
        }
    }

    /// Whether an entry assigns a message that an earlier entry has too. Compute units skip such an entry.
    pub(crate) fn is_repeated(&self, index: usize) -> bool {
        let entry = self.entries.get(index);
        entry.is_some_and(|entry| entry.is_assigned() && self.first_of(&entry.id).is_some_and(|first| first < index))
    }

    /// The first entry of a message.
    pub(crate) fn first_of(&self, message: &Id) -> Option<usize> {
        self.by_message.get(message).copied()
    }

    /// The entry of a slot.
    pub(crate) fn slot(&self, nonce: u64) -> Option<usize> {
        self.slots.get(usize::try_from(nonce).ok()?).copied()
    }

    /// The hash chain of a HyperBEAM node after a slot.
    pub(crate) fn node_chain(&self, nonce: u64) -> Option<Id> {
        self.node_chains.get(usize::try_from(nonce).ok()?).copied()
    }

    /// The range of [`slots`](Self::slots) whose keys are in `(from, to]`. `key` must ascend with the slots.
    pub(crate) fn within(&self, key: fn(&Entry) -> u64, from: Option<u64>, to: u64) -> Range<usize> {
        let count_up_to = |max: u64| {
            let is_early = |index: &usize| key(&self.entries[*index]) <= max;
            self.slots.partition_point(is_early)
        };
        let start = from.map_or(0, count_up_to);
        start..count_up_to(to).max(start)
    }

    /// The entries that have a slot, in order.
    pub(crate) fn slots(&self) -> &[usize] {
        &self.slots
    }

    pub(crate) fn next_nonce(&self) -> u64 {
        self.slots.len() as u64
    }

    /// The timestamp of an entry that is added at time `now`.
    pub(crate) fn next_timestamp(&self, now: u64) -> u64 {
        let last = self.entries.last().map(|entry| entry.timestamp);
        last.map_or(now, |last| now.max(last + 1))
    }

    /// The entry with the newest slot.
    pub(crate) fn newest(&self) -> Option<usize> {
        self.slots.last().copied()
    }
}
