//! The names under which an instrumented module exports its counters.

/// The lowest value that the C stack's pointer has had.
pub const STACK_LOW: &str = "aoxide.stack_low";
/// The gas used for this message.
pub const GAS: &str = "aoxide.gas";
/// The most gas for a message.
pub const LIMIT: &str = "aoxide.limit";
/// The gas at which the code next checks the stop signal. Only where it does that when it pays.
pub const NEXT_CHECK: &str = "aoxide.next_check";
/// The most pages of memory. A page has 64 KiB.
pub const MAX_PAGES: &str = "aoxide.max_pages";
/// Why the module ended itself: [`NO_GAS`] or [`NO_MEMORY`].
pub const FAULT: &str = "aoxide.fault";

pub const NO_GAS: i64 = 1;
pub const NO_MEMORY: i64 = 2;
