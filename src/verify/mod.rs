//! A light client for AO: it verifies what schedulers, gateways and units say, instead of believing it.
//!
//! | part | contents |
//! |---|---|
//! | [`Entry`] | a slot of a schedule: an assignment, and the message that it assigns |
//! | [`page_of`] | reads a page of a scheduler unit's schedule |

mod schedule;

pub use schedule::{Assignment, Entry, EntryMessage, SchedulePage, page_of};
