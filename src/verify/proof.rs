//! What an answer rests on, as data.

use serde::{Deserialize, Serialize};

use super::compare::Agreement;
use super::text_id;
use crate::arweave::Id;

/// What a computed answer rests on.
///
/// It is `verified` where each part of it follows from signatures, hashes and the module, given the parties in `trusted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    pub verified: bool,
    /// The last slot that was taken into account.
    pub slot: u64,
    /// The id of its assignment.
    #[serde(with = "text_id")]
    pub assignment: Id,
    /// The time of that assignment, by the scheduler's clock, in milliseconds since 1970.
    pub timestamp: u64,
    /// Milliseconds since then. A scheduler can withhold what came later: a process that rests has a high age, too.
    pub age: u64,
    pub anchor: Anchor,
    /// Whose word the answer takes.
    pub trusted: Vec<Trusted>,
    /// The parts of the answer that cannot be verified. `verified` is true only if there are none.
    pub unverifiable: Vec<Unverifiable>,
    pub unit: UnitAnswer,
    /// Present where the unit agrees but for the order of Lua's tables.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub other_order: bool,
}

/// Where the replay began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Anchor {
    /// Before the first message.
    Genesis,
    /// At a state that a compute unit served.
    State,
    /// After the messages that a checkpoint includes.
    Checkpoint(CheckpointAnchor),
}

/// A checkpoint that the caller trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointAnchor {
    /// The id of the checkpoint's item.
    #[serde(with = "text_id")]
    pub id: Id,
    /// The address of its signer.
    pub owner: String,
    pub slot: u64,
    /// SHA-256 of the memory, in hexadecimal.
    pub sha256: String,
}

/// A party whose word an answer takes, and for what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "party", content = "name")]
pub enum Trusted {
    /// An address. For the order of messages, that none is missing at the end, times and block heights.
    Scheduler(String),
    /// An address. For everything up to the checkpoint.
    CheckpointSigner(String),
    /// The address of a compute unit. For the state with which the replay began.
    Unit(String),
    /// An address of HTTP. For times of blocks, and the fields of assigned messages that no signature covers.
    Gateway(String),
    /// What the caller pinned: the hash of a module or of a checkpoint.
    Pinned(String),
    /// The store or the file that a kept view was read from. For everything up to the slot that is given.
    KeptView(u64),
    /// An address of HTTP. For the order of messages, times and block heights: its assignments are not signed.
    Node(String),
}

/// A part of an answer that cannot be verified.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unverifiable {
    pub subject: Subject,
    /// The first slot that it concerns.
    pub slot: u64,
    /// How many messages it concerns.
    pub count: u64,
}

/// What cannot be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Messages that a compute unit generates. They have no signature, and units give them different block heights.
    Cron,
    /// A message whose bytes are not in the schedule, and which no gateway has.
    Message,
    /// An assignment whose signature cannot be checked, or the time of an old process, which has no assignment.
    Assignment,
    /// A hash chain from before block 1440000, which schedulers wrote wrong.
    Chain,
    /// The fields of an assigned transaction.
    Assigned,
    /// What led to the state that a compute unit served.
    State,
    /// A message that a node's schedule has in an earlier slot, too. Some nodes evaluate it again, and others skip it.
    Repeated,
}

/// What a unit returned for the same message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitAnswer {
    Agrees,
    Differs,
    /// The unit's answer is of another slot.
    Stale,
    /// The unit refused, or could not be reached.
    NoAnswer,
    NotAsked,
}

impl Proof {
    /// Adds what a unit returned for the same message. `slot` is the slot of the unit's answer, where it names one.
    pub fn with_unit(mut self, slot: Option<u64>, agreement: Agreement) -> Self {
        self.other_order = agreement == Agreement::OtherOrder;
        self.unit = match agreement {
            _ if slot.is_some_and(|slot| slot != self.slot) => UnitAnswer::Stale,
            Agreement::Same | Agreement::OtherOrder => UnitAnswer::Agrees,
            Agreement::Differs(_) => UnitAnswer::Differs,
        };
        self.other_order &= self.unit == UnitAnswer::Agrees;
        self
    }
}

/// How old the last assignment may be, in milliseconds. `None` is any age.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AgeLimits {
    pub warn: Option<u64>,
    pub refuse: Option<u64>,
}

/// The verdict of [`AgeLimits::judge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    Fresh,
    /// The caller is told.
    Old,
    /// There is no answer.
    TooOld,
}

impl AgeLimits {
    pub fn judge(&self, age: u64) -> Age {
        let exceeds = |limit: Option<u64>| limit.is_some_and(|limit| age > limit);
        match (exceeds(self.refuse), exceeds(self.warn)) {
            (true, _) => Age::TooOld,
            (false, true) => Age::Old,
            (false, false) => Age::Fresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof() -> Proof {
        Proof {
            verified: true,
            slot: 7,
            assignment: Id::of(b"a"),
            timestamp: 5,
            age: 9,
            anchor: Anchor::Genesis,
            trusted: vec![Trusted::Scheduler("s".into())],
            unverifiable: Vec::new(),
            unit: UnitAnswer::NotAsked,
            other_order: false,
        }
    }

    #[test]
    fn proof_is_json_in_the_form_that_is_documented() {
        let id = Id::of(b"a");
        assert_eq!(
            serde_json::to_string(&proof()).unwrap(),
            format!(
                r#"{{"verified":true,"slot":7,"assignment":"{id}","timestamp":5,"age":9,"anchor":"genesis","trusted":[{{"party":"scheduler","name":"s"}}],"unverifiable":[],"unit":"not-asked"}}"#
            )
        );
        let checkpoint = Anchor::Checkpoint(CheckpointAnchor {
            id,
            owner: "o".into(),
            slot: 3,
            sha256: "00".into(),
        });
        assert_eq!(
            serde_json::to_string(&checkpoint).unwrap(),
            format!(r#"{{"checkpoint":{{"id":"{id}","owner":"o","slot":3,"sha256":"00"}}}}"#)
        );
    }

    #[test]
    fn with_unit_reports_a_difference_at_the_same_slot_only() {
        let unit = |slot, agreement| proof().with_unit(slot, agreement).unit;
        assert_eq!(unit(Some(7), Agreement::Same), UnitAnswer::Agrees);
        assert_eq!(unit(None, Agreement::Differs("Output")), UnitAnswer::Differs);
        assert_eq!(unit(Some(7), Agreement::Differs("Output")), UnitAnswer::Differs);
        assert_eq!(unit(Some(6), Agreement::Differs("Output")), UnitAnswer::Stale);
        assert_eq!(unit(Some(8), Agreement::Same), UnitAnswer::Stale);
        assert!(proof().with_unit(None, Agreement::OtherOrder).other_order);
    }

    #[test]
    fn judge_refuses_before_it_warns() {
        let limits = AgeLimits {
            warn: Some(10),
            refuse: Some(20),
        };
        assert_eq!(
            [10, 11, 20, 21].map(|age| limits.judge(age)),
            [Age::Fresh, Age::Old, Age::Old, Age::TooOld]
        );
        assert_eq!(AgeLimits::default().judge(u64::MAX), Age::Fresh);
    }
}
