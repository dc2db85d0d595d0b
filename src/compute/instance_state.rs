//! The host's state for one instance.

use std::rc::Rc;

use super::format::Layout;
use super::limits::Limits;
use super::memory::c_stack::CStack;
use super::trap::Trap;
use super::weavedrive::{Files, WeaveDrive};

/// What a clock returns first. Each call adds one. This is the rule of the network's loader.
const FIRST_TICK: f64 = 10_000.0;

/// How deep calls through the host may be nested: C's `setjmp` within `setjmp`. Lua's own limit is 200.
const MAX_CALL_DEPTH: u32 = 256;

/// The host's state for one instance, between the calls of host functions.
///
/// Nothing in it comes from the machine that runs the instance: no time, no randomness, no files.
pub struct InstanceState {
    pub(super) layout: Rc<Layout>,
    pub(super) limits: Limits,
    pub(super) drive: Option<Rc<dyn WeaveDrive>>,
    pub(super) files: Files,
    /// The upper half of a 64-bit number that emscripten passes in two.
    pub(super) temp_ret0: i32,
    /// Where the C stack lies; `None` where the module does not export that.
    pub(super) stack: Option<CStack>,
    /// The highest address at which the heap has ended.
    pub(super) heap_end: u64,
    clock: f64,
    depth: u32,
}

impl InstanceState {
    pub(super) fn new(layout: Rc<Layout>, limits: Limits, drive: Option<Rc<dyn WeaveDrive>>) -> Self {
        Self {
            layout,
            limits,
            drive,
            files: Files::default(),
            temp_ret0: 0,
            stack: None,
            heap_end: 0,
            clock: FIRST_TICK,
            depth: 0,
        }
    }

    /// Creates a replacement for a state that was lost when an instance failed. Such an instance cannot be used any
    /// more.
    pub fn lost(layout: Rc<Layout>) -> Self {
        Self::new(layout, Limits::default(), None)
    }

    /// How the module is started and called.
    pub fn layout(&self) -> &Rc<Layout> {
        &self.layout
    }

    /// Whether the stop signal of the limits is set.
    pub fn is_stopped(&self) -> bool {
        self.limits.stopped()
    }

    /// Resets what belongs to the previous message.
    pub(super) fn begin(&mut self) {
        self.temp_ret0 = 0;
        self.depth = 0;
        self.files = Files::default();
    }

    /// The time that modules see: a counter.
    pub(super) fn tick(&mut self) -> f64 {
        let now = self.clock;
        self.clock += 1.0;
        now
    }

    /// What the clock returns next. It is part of the process's state and of its snapshots.
    pub(super) fn clock(&self) -> f64 {
        self.clock
    }

    pub(super) fn set_clock(&mut self, clock: f64) {
        self.clock = clock;
    }

    /// Counts a nested call through the host.
    ///
    /// # Errors
    /// `Failed` at [`MAX_CALL_DEPTH`].
    pub(super) fn enter(&mut self) -> Result<(), Trap> {
        if self.depth == MAX_CALL_DEPTH {
            return Err(Trap::failed("calls through setjmp are nested too deeply"));
        }
        self.depth += 1;
        Ok(())
    }

    /// Ends a nested call.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
