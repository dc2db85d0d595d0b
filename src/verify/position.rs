//! Where a replay is: the last message, and what the next ones depend on.

use serde::{Deserialize, Serialize};

use super::cron::{Moment, Tick};
use super::dedupe::Dedupe;
use super::node_chain::NodeChain;
use super::published::Published;
use super::text_id;
use crate::arweave::Id;

/// The last entry of a schedule that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    pub slot: u64,
    #[serde(with = "text_id")]
    pub assignment: Id,
    /// The hash chain up to this entry, in base64url. The next one's is the hash of the assignment's id and this.
    pub chain: String,
    #[serde(flatten)]
    pub moment: Moment,
}

/// What a replay knows beside the process's memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayState {
    /// The last entry. `None` before the first.
    pub last: Option<Position>,
    /// The last message that was evaluated: a dryrun has its time. Skipped entries do not count.
    pub evaluated: Option<Moment>,
    /// The first message, from which crons count.
    pub origin: Option<Moment>,
    /// The last message of a cron since the last entry.
    pub last_tick: Option<Tick>,
    /// How many messages of crons were evaluated.
    pub ticks: u64,
    /// The slot after which the first of them was.
    pub first_tick: Option<u64>,
    /// What the process has published with `patch@1.0`.
    #[serde(default)]
    pub published: Published,
    /// How far the schedule is verified, where it is a HyperBEAM node's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_chain: Option<NodeChain>,
    #[serde(skip)]
    pub dedupe: Dedupe,
}

impl ReplayState {
    /// The message from which the next gap for crons goes: the last entry, or the item of an old process.
    pub(super) fn left(&self) -> Option<Moment> {
        let last = self.last.as_ref().map(|last| last.moment);
        last.or(self.origin)
    }
}
