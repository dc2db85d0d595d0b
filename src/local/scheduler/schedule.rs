//! The schedule of a process: what it hears, in which order. Everything else can be computed from it.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::ans104::Tag;
use crate::arweave::Id;
use crate::local::scheduler::cron;
use crate::local::scheduler::cron::Cron;
use crate::local::scheduler::unit::Way;

/// One thing that a process hears.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Of the message; or what a tick has in place of one.
    #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
    pub id: Id,
    /// Milliseconds; each entry of a process has a later one, so that pages have clear ends.
    pub timestamp: u64,
    /// The slot of a message; of a tick, that of the message before it.
    pub nonce: u64,
    /// What makes it an entry.
    pub kind: Kind,
    /// Whether what the process sends in answer is to be delivered.
    pub crank: bool,
    /// The message that began the cascade to which this belongs.
    #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
    pub root: Id,
    /// How many messages the cascade had led to by then, so that it does not begin anew when the network does.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub led: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// A message that was sent to the process, or the process's own item.
    Message {
        #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
        chain: Id,
    },
    /// A message that was there already, and which members the assignment leaves out.
    Assigned {
        #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
        chain: Id,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        exclude: Vec<String>,
        /// The part of an outbox that assigned it, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// The state of another process, after an entry of it.
    Fork {
        #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
        chain: Id,
        #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
        process: Id,
        index: usize,
    },
    /// The number of the clock among those of the process.
    Tick { cron: usize },
}

impl Entry {
    /// The hash chain with this entry in it, if it has a slot.
    pub(crate) fn chain(&self) -> Option<Id> {
        match self.kind {
            Kind::Message { chain } | Kind::Assigned { chain, .. } | Kind::Fork { chain, .. } => Some(chain),
            Kind::Tick { .. } => None,
        }
    }

    pub(crate) fn is_tick(&self) -> bool {
        matches!(self.kind, Kind::Tick { .. })
    }

    pub(crate) fn is_assigned(&self) -> bool {
        matches!(self.kind, Kind::Assigned { .. })
    }
}

fn write_id<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn read_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
    let text = String::deserialize(deserializer)?;
    Id::parse(&text, "id").map_err(serde::de::Error::custom)
}

/// A process, as its scheduler knows it: a copy of what is kept.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub owner: Id,
    pub module: Id,
    pub tags: Vec<Tag>,
    pub crons: Vec<Cron>,
    /// In the order of evaluation.
    pub entries: Vec<Entry>,
    /// The first entries, whose results are kept and whose outboxes are delivered.
    pub settled: usize,
    /// The entry whose assignment was signed last, and the id of that.
    pub signed: Option<(usize, Id)>,
    /// Where the message of each slot is among the entries.
    slots: Vec<usize>,
    /// The hash chain of a HyperBEAM node after each slot.
    node_chains: Vec<Id>,
    /// Where each message is, by its id.
    places: HashMap<Id, usize>,
}

impl Schedule {
    pub(crate) fn new(owner: Id, module: Id, tags: Vec<Tag>) -> Self {
        Self {
            owner,
            module,
            crons: cron::read(&tags),
            tags,
            entries: Vec::new(),
            settled: 0,
            signed: None,
            slots: Vec::new(),
            node_chains: Vec::new(),
            places: HashMap::new(),
        }
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        let index = self.entries.len();
        self.places.entry(entry.id).or_insert(index);
        if !entry.is_tick() {
            self.slots.push(index);
            self.node_chains
                .push(next_node_chain(self.node_chains.last(), &entry.id));
        }
        self.entries.push(entry);
    }

    /// The entry that a message has already, if it has come this way before.
    pub(crate) fn placed(&self, id: &Id, way: &Way) -> Option<usize> {
        match way {
            Way::Sent | Way::Fork { .. } => self.place(id),
            Way::Again => None,
            Way::Assigned { by: None, .. } => None,
            Way::Assigned { by: again, .. } => {
                let same = |entry: &Entry| matches!(&entry.kind, Kind::Assigned { by, .. } if by == again);
                self.entries.iter().position(same)
            }
        }
    }

    /// Whether an entry assigns a message that the process knows from an earlier one. Compute units skip it.
    pub(crate) fn is_repeated(&self, index: usize) -> bool {
        let entry = self.entries.get(index);
        entry.is_some_and(|entry| entry.is_assigned() && self.place(&entry.id).is_some_and(|first| first < index))
    }

    /// The first entry of a message.
    pub(crate) fn place(&self, id: &Id) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The entry of a slot.
    pub(crate) fn slot(&self, nonce: u64) -> Option<usize> {
        self.slots.get(usize::try_from(nonce).ok()?).copied()
    }

    /// The hash chain of a HyperBEAM node after a slot.
    pub(crate) fn node_chain(&self, nonce: u64) -> Option<Id> {
        self.node_chains.get(usize::try_from(nonce).ok()?).copied()
    }

    /// Where the messages in `(from, to]` are among the slots, which `key` has in ascending order.
    pub(crate) fn within(&self, key: fn(&Entry) -> u64, from: Option<u64>, to: u64) -> Range<usize> {
        let before = |most: u64| {
            let early = |index: &usize| key(&self.entries[*index]) <= most;
            self.slots.partition_point(early)
        };
        let begin = from.map_or(0, before);
        begin..before(to).max(begin)
    }

    /// Entries that have a slot, in order.
    pub(crate) fn slots(&self) -> &[usize] {
        &self.slots
    }

    pub(crate) fn next_nonce(&self) -> u64 {
        self.slots.len() as u64
    }

    /// The timestamp of an entry that comes now.
    pub(crate) fn next_timestamp(&self, now: u64) -> u64 {
        let last = self.entries.last().map(|entry| entry.timestamp);
        last.map_or(now, |last| now.max(last + 1))
    }

    /// The entry with the newest slot.
    pub(crate) fn newest(&self) -> Option<usize> {
        self.slots.last().copied()
    }
}

/// The hash chain of a process's first assignment.
pub(crate) fn first_chain(process: &Id) -> Id {
    Id::of(process.as_bytes())
}

/// The hash chain of an assignment: over the id of the assignment before it, and that one's chain.
pub(crate) fn next_chain(assignment: &Id, chain: &Id) -> Id {
    let hash = Sha256::new()
        .chain_update(assignment.as_bytes())
        .chain_update(chain.as_bytes());
    Id::from_bytes(hash.finalize().into())
}

/// The same on a HyperBEAM node: over the chain before it, if there is one, and the message's id as text.
fn next_node_chain(chain: Option<&Id>, message: &Id) -> Id {
    let hash = Sha256::new()
        .chain_update(chain.map(Id::as_bytes).map(<[u8; 32]>::as_slice).unwrap_or_default())
        .chain_update(message.to_string());
    Id::from_bytes(hash.finalize().into())
}

/// The value of the first tag of that name, as text.
pub(crate) fn tag<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    let tag = tags.iter().find(|tag| tag.has_name(name))?;
    std::str::from_utf8(&tag.value).ok()
}

/// The same, with the name in any case where it is in none as it is.
pub(crate) fn any_case<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    let other = || {
        let tag = tags.iter().find(|tag| tag.name.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(&tag.value).ok()
    };
    tag(tags, name).or_else(other)
}
