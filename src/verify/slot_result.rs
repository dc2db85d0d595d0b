//! The result of one message of a replay.

use super::cron::Moment;

/// The result of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotResult {
    /// `None` for messages that are in no slot: those of crons, and the item of an old process.
    pub slot: Option<u64>,
    /// The message's id, where it has one.
    pub message: Option<String>,
    /// The id of its assignment, where it has one.
    pub assignment: Option<String>,
    /// Whether the schedule has the message by its id only.
    pub assigned: bool,
    pub moment: Moment,
    pub outcome: Outcome,
    /// What a compute unit answers, as JSON: `{"Messages", "Assignments", "Spawns", "Output", "GasUsed", "Error"}`.
    pub result: String,
}

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Evaluated,
    /// A compute unit has evaluated the same message before, and skips it.
    Skipped,
    /// It is the message of a cron, which has no signature.
    Cron,
    /// The module ended with a trap. The text of its error is the engine's, so that a unit has another.
    Trapped,
}

impl SlotResult {
    pub(super) fn unscheduled(moment: Moment, outcome: Outcome, result: String) -> Self {
        Self {
            slot: None,
            message: None,
            assignment: None,
            assigned: false,
            moment,
            outcome,
            result,
        }
    }
}
