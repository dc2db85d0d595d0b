//! A light client for AO: it verifies what schedulers, gateways and units say, instead of believing it.
//!
//! | part | contents |
//! |---|---|
//! | [`Entry`] | a slot of a schedule: an assignment, and the message that it assigns |
//! | [`page_of`] | reads a page of a scheduler unit's schedule |
//! | [`Chain`] | verifies assignments one after another: signature, scheduler, slots, hash chain |
//! | [`check_message`] | verifies the message of an entry |
//! | [`Gateway`] | reads items from a gateway and verifies them |
//! | [`Checkpoint`] | a process's memory at a slot, by a trusted signer |
//! | [`NodeChain`] | verifies the messages and the hash chain of a HyperBEAM node's schedule |
//! | [`NodeSchedule`] | reads and verifies a node's schedule page by page |
//! | [`Schedule`] | reads and verifies a schedule page by page |
//! | [`replay_entry`], [`node_replay_entry`] | from a verified entry to what the module receives |
//! | [`Dedupe`] | which messages a compute unit skips |
//! | [`ticks`] | the messages that a compute unit generates for crons |
//! | [`Replay`] | evaluates entries in order |
//! | [`compare`] | compares a result with a unit's |
//! | [`Proof`] | what an answer rests on |
//! | [`Published`] | what a process publishes with `patch@1.0` |
//! | [`View`] | a replay that is kept: exported, stored, continued |
//! | [`LightClient`] | all of it together: follows a process, and answers from its state |

mod assignment;
mod blocks;
mod chain;
mod checked_entry;
mod checkpoint;
mod compare;
mod cron;
mod dedupe;
mod failure;
mod gateway;
mod hyperbeam;
mod item;
mod kept;
mod light_client;
mod message;
mod module_input;
mod node_chain;
mod node_commitment;
mod node_input;
mod node_message;
mod node_reader;
mod position;
mod proof;
mod published;
mod reader;
mod record;
mod replay;
mod schedule;
mod slot_result;
mod text_id;
mod transaction;
mod view;

pub use assignment::{check_assignment, compare_sources};
pub use chain::{Chain, ChainLink};
pub use checked_entry::{CheckedEntry, CheckedPage};
pub use checkpoint::{Checkpoint, CheckpointTrust};
pub use compare::{Agreement, compare};
pub use cron::{Gap, MAX_TICKS, Moment, Tick, ticks};
pub use dedupe::{Content, Dedupe, Fingerprint, forwarded_content};
pub use gateway::Gateway;
pub use hyperbeam::{NodeEntry, node_page_of};
pub use item::ItemParts;
pub use kept::KeptViews;
pub use light_client::{
    FollowOptions, LightClient, Phase, Preview, Progress, ScheduleSource, SlotReport, Source, StartAt, Unwatched, Watch,
};
pub use message::{MessageCheck, check_message, check_with_item};
pub use module_input::{AssignedItem, replay_entry};
pub use node_chain::NodeChain;
pub use node_commitment::NodeCheck;
pub use node_input::node_replay_entry;
pub use node_message::NodeMessage;
pub use node_reader::{NodeSchedule, VerifiedNodeEntry};
pub use position::{Position, ReplayState};
pub use proof::{Age, AgeLimits, Anchor, CheckpointAnchor, Proof, Subject, Trusted, UnitAnswer, Unverifiable};
pub use published::Published;
pub use reader::{Schedule, VerifiedEntry};
pub use replay::{ProcessFacts, Replay, ReplayEntry};
pub use schedule::{Assignment, Entry, EntryMessage, SchedulePage, page_of};
pub use slot_result::{Outcome, SlotResult};
pub use view::{View, require_agreement};
