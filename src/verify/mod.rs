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
//! | [`Schedule`] | reads and verifies a schedule page by page |

mod assignment;
mod chain;
mod checkpoint;
mod failure;
mod gateway;
mod hyperbeam;
mod item;
mod message;
mod reader;
mod schedule;

pub use assignment::{check_assignment, compare_sources};
pub use chain::{Chain, ChainLink};
pub use checkpoint::{Checkpoint, CheckpointTrust};
pub use gateway::Gateway;
pub use hyperbeam::{NodeChain, NodeEntry, node_page_of};
pub use item::ItemParts;
pub use message::{MessageCheck, check_message, check_with_item};
pub use reader::{Schedule, VerifiedEntry};
pub use schedule::{Assignment, Entry, EntryMessage, SchedulePage, page_of};
