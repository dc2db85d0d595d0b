//! A light client: computes the results of a process from its signed schedule, and says what that proves.
//!
//! | file | contents |
//! |---|---|
//! | `module_input` | from an entry of a schedule to what the module receives |
//! | `dedupe` | which messages a compute unit skips |
//! | `cron` | the messages that a compute unit generates for crons |
//! | `replay`, `position`, `slot_result` | evaluates entries in order |
//! | `compare` | compares a result with a unit's |
//! | `proof` | what an answer rests on |

mod compare;
mod cron;
mod dedupe;
mod module_input;
mod position;
mod proof;
mod replay;
mod slot_result;
mod text_id;

pub use compare::{Agreement, compare};
pub use cron::{Gap, MAX_TICKS, Moment, Tick, ticks};
pub use dedupe::{Content, Dedupe, Fingerprint, forwarded_content};
pub use module_input::{AssignmentFields, MessageFields, owner_address, replay_entry};
pub use position::{Position, ReplayState};
pub use proof::{Age, AgeLimits, Anchor, Checkpoint, Proof, Subject, Trusted, UnitAnswer, Unverifiable};
pub use replay::{ProcessFacts, Replay, ReplayEntry};
pub use slot_result::{Outcome, SlotResult};
