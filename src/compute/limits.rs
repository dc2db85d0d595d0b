//! How much a module may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How much a module may take for one message, its boot included.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For metered modules, gas as the reference loader counts it; for others, the engine's own count of instructions.
    ///
    /// Gas is exact. The other count also has what the engine spends on functions that run for the first time, so that
    /// it guards against runaway code and does not decide anything that two machines must agree on.
    pub compute: u64,
    /// Bytes of linear memory.
    pub memory: u64,
    /// Ends a running evaluation from another thread.
    pub stop: Option<Stop>,
}

impl Limits {
    /// The reference loader's default: more than any message takes.
    pub const DEFAULT_COMPUTE: u64 = 9_000_000_000_000_000;
    /// The compute unit's default for a process.
    pub const DEFAULT_MEMORY: u64 = 1 << 30;

    pub(super) fn stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(Stop::is_set)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            compute: Self::DEFAULT_COMPUTE,
            memory: Self::DEFAULT_MEMORY,
            stop: None,
        }
    }
}

/// A signal that ends evaluations; clones are the same signal.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn new() -> Self {
        Self::default()
    }

    /// Evaluations that run, and those that begin, end with `Stopped`.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Allows evaluations again.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
