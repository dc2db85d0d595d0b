//! The compute unit (CU): evaluates messages, stores results, restores earlier states.
//!
//! | file | content |
//! |---|---|
//! | `routes` | HTTP under `/cu` |
//! | `checkpoint` | writes checkpoints on request |
//! | `unit` | evaluates entries, dryruns |
//! | `result` | results, as stored and as evaluated |
//! | `restore` | rebuilds the state of a process after any entry |
//! | `process_pool` | cache of live processes |
//! | `snapshots` | which snapshots are kept |
//! | `modules` | cache of loaded modules |
//! | `module_input` | the JSON that modules get |
//! | `evaluate`, `drive` | evaluates a message with the files that its module reads; these files |

mod checkpoint;
mod drive;
mod evaluate;
mod module_input;
mod modules;
mod process_pool;
mod restore;
mod result;
pub(crate) mod routes;
mod snapshots;
mod unit;

pub(crate) use modules::Modules;
pub(crate) use restore::{environment, message_input};
pub(crate) use result::{Evaluated, StoredResult};
pub(crate) use unit::ComputeUnit;
