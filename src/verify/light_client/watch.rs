//! What a light client tells while it works.

use crate::error::Result;
use crate::verify::SlotResult;

/// What a light client is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The last slot that was evaluated. `None` before the first.
    pub slot: Option<u64>,
    /// The newest slot that is known.
    pub of: u64,
    pub phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// A page of the schedule is read.
    Schedule,
    /// What the schedule does not show is read from the gateway.
    Messages,
    /// Messages are evaluated.
    Evaluation,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Messages => "messages",
            Self::Evaluation => "evaluation",
        }
    }
}

/// A message that was verified and evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotReport {
    pub result: SlotResult,
    /// The value of the message's tag `Action`.
    pub action: Option<String>,
    /// The address of the message's signer, as modules see it.
    pub from: Option<String>,
    /// Whether the evaluation failed. The process then has the state from before.
    pub is_error: bool,
    /// Whether the message's bytes came from the gateway.
    pub by_gateway: bool,
    /// Whether the scheduler has signed the assignment. Nodes of November 2025 do not show that.
    pub is_signed: bool,
}

impl SlotReport {
    /// What was verified.
    pub fn checks(&self) -> &'static [&'static str] {
        match (self.result.slot, self.by_gateway) {
            (None, _) => &["evaluation"],
            (Some(_), _) if !self.is_signed => &["message", "evaluation"],
            (Some(_), false) => &["assignment", "order", "message", "evaluation"],
            (Some(_), true) => &["assignment", "order", "message", "gateway", "evaluation"],
        }
    }
}

/// Watches a light client, and can end what it does.
#[allow(
    async_fn_in_trait,
    reason = "a page has one thread, so no future of ours is ever sent to another"
)]
pub trait Watch {
    /// Called as the work goes on.
    fn progress(&self, _progress: Progress) {}

    /// Takes a report. The work goes on when the future completes, and ends with the error that it returns. What was
    /// evaluated until then stays evaluated.
    async fn evaluated(&self, report: SlotReport) -> Result<()>;
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {
    async fn evaluated(&self, _: SlotReport) -> Result<()> {
        Ok(())
    }
}
