//! What the host keeps for one instance between the calls of its functions.

use std::rc::Rc;

use super::format::Layout;
use super::limits::Limits;
use super::memory::c_stack::CStack;
use super::trap::Trap;
use super::weavedrive::{Files, WeaveDrive};

/// The first answer of every clock; each question adds one. (The reference loader's rule.)
const FIRST_TICK: f64 = 10_000.0;

/// How deep calls may go through the host: C's `setjmp` inside `setjmp`. Lua's own bound is 200.
const MAX_DEPTH: u32 = 256;

/// What the host keeps for one instance. Nothing here comes from the machine it runs on: no time, no chance, no files.
pub struct InstanceState {
    pub(super) layout: Rc<Layout>,
    pub(super) limits: Limits,
    pub(super) drive: Option<Rc<dyn WeaveDrive>>,
    pub(super) files: Files,
    /// The upper half of a 64-bit number that C hands over in two.
    pub(super) temp_ret0: i32,
    /// Where the C stack lies, if that is known.
    pub(super) stack: Option<CStack>,
    /// The highest that the end of the heap has been.
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

    /// Stands in for the host of an instance that broke so badly that its own is gone; the instance is of no use.
    pub fn lost(layout: Rc<Layout>) -> Self {
        Self::new(layout, Limits::default(), None)
    }

    /// How the module is driven.
    pub fn layout(&self) -> &Rc<Layout> {
        &self.layout
    }

    /// Whether the signal of the limits is set.
    pub fn is_stopped(&self) -> bool {
        self.limits.stopped()
    }

    /// Forgets the message before.
    pub(super) fn begin(&mut self) {
        self.temp_ret0 = 0;
        self.depth = 0;
        self.files = Files::default();
    }

    /// The time, as far as a module may know it: a counter.
    pub(super) fn tick(&mut self) -> f64 {
        let now = self.clock;
        self.clock += 1.0;
        now
    }

    /// The clock's next answer. It is state: a snapshot keeps it.
    pub(super) fn clock(&self) -> f64 {
        self.clock
    }

    pub(super) fn set_clock(&mut self, clock: f64) {
        self.clock = clock;
    }

    /// One call deeper, through the host.
    pub(super) fn enter(&mut self) -> Result<(), Trap> {
        if self.depth == MAX_DEPTH {
            return Err(Trap::failed("calls through setjmp are nested too deeply"));
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
