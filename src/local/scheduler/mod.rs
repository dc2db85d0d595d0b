//! The scheduler unit (SU): gives each message of a process a slot, and signs the assignment.
//!
//! | file | content |
//! |---|---|
//! | `routes` | HTTP under `/su` |
//! | `unit` | the scheduler's state; adds entries to schedules |
//! | `lookup` | finds processes, messages and assignments |
//! | `schedule` | the schedule of one process |
//! | `assignment` | drafts and signs assignments |
//! | `pending`, `cascades`, `blocked` | what is not settled, how long cascades are, which processes cannot continue |
//! | `ticks` | the ticks of crons that are due |

mod assignment;
mod blocked;
mod cascades;
mod lookup;
mod pending;
pub(crate) mod routes;
mod schedule;
mod ticks;
mod unit;

pub(crate) use assignment::sign_assignment;
pub(crate) use schedule::{Arrival, Entry, EntryKind, Schedule};
pub(crate) use ticks::schedule_due_ticks;
pub(crate) use unit::{ScheduleOptions, Scheduler, Unsettled, with_process};
