//! Limits on a module's instructions, memory and time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Limits for one message. The limits for the first one include the module's start.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For metered modules, gas as the network's loader counts it. For others, the engine's own count of instructions.
    ///
    /// Gas is exact. The engine's count includes the translation of functions that run for the first time. It stops
    /// code that runs forever, and must not decide anything that two machines have to agree on.
    pub compute: u64,
    /// Bytes of linear memory.
    pub memory: u64,
    /// A signal with which another thread ends a running evaluation.
    pub stop: Option<Stop>,
}

impl Limits {
    /// The network's loader's default, which is more than any message takes.
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

/// A signal that ends evaluations. Clones share the signal.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    ask: Option<fn() -> bool>,
    /// Whether the module's code checks the signal by itself: see `instrument`.
    in_code: bool,
}

impl Stop {
    pub fn new() -> Self {
        Self::default()
    }

    /// A signal that is also set when `ask` returns true. `ask` is called by the thread that evaluates, every few
    /// milliseconds.
    ///
    /// Modules get code that checks such a signal, which costs less than slices of fuel do.
    pub fn asking(ask: fn() -> bool) -> Self {
        Self {
            ask: Some(ask),
            ..Self::default()
        }
    }

    /// Whether it was made by [`asking`](Self::asking).
    pub(super) fn asks(&self) -> bool {
        self.ask.is_some()
    }

    /// The same signal, for a module whose code checks it.
    pub(super) fn checked_in_code(self) -> Self {
        Self { in_code: true, ..self }
    }

    /// Whether the engine has to check the signal, since the module's code does not.
    pub(super) fn needs_engine(&self) -> bool {
        !self.in_code
    }

    /// Sets the signal. Running evaluations, and those that begin later, end with `Stopped`.
    pub fn set(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Clears the signal, so that evaluations run again.
    pub fn clear(&self) {
        self.flag.store(false, Ordering::Relaxed);
    }

    pub fn is_set(&self) -> bool {
        self.flag.load(Ordering::Relaxed) || self.ask.is_some_and(|ask| ask())
    }
}
