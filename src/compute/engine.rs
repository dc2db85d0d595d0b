//! The traits that a WebAssembly engine implements for this crate.
//!
//! The host functions in `imports` are written once, over these traits, so that a module behaves the same on every
//! engine.

use std::borrow::Cow;
use std::rc::Rc;

use super::binary::{Binary, ValueType};
use super::instance_state::InstanceState;
use super::trap::Trap;
use crate::error::Result;

/// A number that is passed to a module or returned by it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WasmValue {
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
}

impl WasmValue {
    /// Converts an integer to a value of the type. Truncates as a C cast does.
    pub(super) fn integer(number: i64, value_type: ValueType) -> Self {
        match value_type {
            ValueType::I32 => Self::I32(number as i32),
            ValueType::F32 => Self::F32(number as f32),
            ValueType::F64 => Self::F64(number as f64),
            ValueType::I64 | ValueType::Other => Self::I64(number),
        }
    }

    /// Converts the number to another type, as a C cast does.
    pub fn cast(self, value_type: ValueType) -> Self {
        Self::integer(self.signed(), value_type)
    }

    /// Converts a float to a value of the type. Truncates as a C cast does.
    pub(super) fn float(number: f64, value_type: ValueType) -> Self {
        match value_type {
            ValueType::F32 => Self::F32(number as f32),
            ValueType::F64 => Self::F64(number),
            ValueType::I32 => Self::I32(number as i32),
            ValueType::I64 | ValueType::Other => Self::I64(number as i64),
        }
    }

    /// The number as a signed integer. A float loses its fraction.
    pub(super) fn signed(self) -> i64 {
        match self {
            Self::I32(number) => number.into(),
            Self::I64(number) => number,
            Self::F32(number) => number as i64,
            Self::F64(number) => number as i64,
        }
    }

    /// The number as an address or a length. A number of 32 bits is taken as unsigned.
    pub(super) fn unsigned(self) -> u64 {
        match self {
            Self::I32(number) => number.cast_unsigned().into(),
            other => other.signed().cast_unsigned(),
        }
    }
}

/// A WebAssembly engine.
pub trait Engine {
    /// The engine's name, which every evaluation carries.
    fn name(&self) -> &'static str;

    /// Whether the engine counts instructions and can end a run by itself. For other engines, a module with a limit
    /// gets code that counts: see `instrument`.
    fn counts_instructions(&self) -> bool;

    /// After how many messages a process's memory is copied. The copy serves to undo a later message: the messages
    /// after the copy are then evaluated again. A fast engine saves most of the copies with a longer interval.
    fn snapshot_interval(&self) -> usize;

    /// Compiles a module. `binary` is what this crate read from the same bytes. A `limited` module may have to be ended
    /// while it runs: an engine that counts instructions must count them for it.
    ///
    /// # Errors
    /// `BadModule` for bytes that are not a valid module, `Unsupported` for a module that uses a feature which the
    /// engine does not have.
    fn compile(&self, bytes: &Rc<[u8]>, binary: &Rc<Binary>, limited: bool) -> Result<Rc<dyn Compiled>>;
}

/// A compiled module. It can be instantiated any number of times.
pub trait Compiled {
    /// Creates an instance. Only the module's start function has run in it.
    ///
    /// An `interruptible` instance checks the stop signal of its limits every 100 ms or so while it runs. It takes
    /// longer to create.
    ///
    /// # Errors
    /// The trap that ended the start function; `OutOfMemory` where the machine has too little memory.
    fn instantiate(&self, state: InstanceState, interruptible: bool) -> std::result::Result<Box<dyn Instance>, Trap>;
}

/// A closure that works on a running instance.
pub type Job<'a> = &'a mut dyn FnMut(&mut dyn Guest) -> std::result::Result<(), Trap>;

/// An instance between runs.
pub trait Instance {
    /// Runs `job` within the limits of the instance's state.
    ///
    /// # Errors
    /// The trap that `job` returns, or that ended it.
    fn run(&mut self, job: Job<'_>) -> std::result::Result<(), Trap>;

    /// As [`run`](Self::run), without limits: for jobs that read or write memory, and for messages that have run
    /// before.
    ///
    /// # Errors
    /// The trap that `job` returns, or that ended it.
    fn inspect(&mut self, job: Job<'_>) -> std::result::Result<(), Trap>;
}

/// A running instance, as host functions use it.
pub trait Guest: Memory {
    /// The host's state for this instance.
    fn state(&mut self) -> &mut InstanceState;

    /// Calls an exported function. `export` is the long name, which [`Layout::export`](super::Layout::export)
    /// translates.
    ///
    /// # Errors
    /// The trap that ended the call.
    fn call(&mut self, export: &str, arguments: &[WasmValue]) -> std::result::Result<Option<WasmValue>, Trap>;

    /// Reads an exported global that holds a number; `None` where there is none.
    fn global(&mut self, name: &str) -> Option<WasmValue>;

    /// Sets an exported global. Does nothing where it does not exist or is constant.
    fn set_global(&mut self, name: &str, value: i64);

    /// Calls an entry of the function table.
    ///
    /// # Errors
    /// The trap that ended the call; `Failed` where there is no such entry.
    fn call_indirect(&mut self, index: u64, arguments: &[WasmValue]) -> std::result::Result<Option<WasmValue>, Trap>;
}

/// Linear memory.
pub trait Memory {
    /// Its length in bytes.
    fn size(&self) -> u64;

    /// The bytes at an address; `None` where they are not all inside the memory.
    fn view(&self, at: u64, length: u64) -> Option<Cow<'_, [u8]>>;

    /// Copies memory into `bytes`; `None` where the range is not all inside the memory.
    #[must_use]
    fn read(&self, at: u64, bytes: &mut [u8]) -> Option<()>;

    /// Writes bytes; `None` where the range is not all inside the memory.
    #[must_use]
    fn write(&mut self, at: u64, bytes: &[u8]) -> Option<()>;

    /// Writes zeros; `None` where the range is not all inside the memory.
    #[must_use]
    fn clear(&mut self, at: u64, length: u64) -> Option<()>;

    /// Copies bytes within the memory. The ranges may overlap. `None` where they are not all inside the memory.
    #[must_use]
    fn shift(&mut self, to: u64, from: u64, length: u64) -> Option<()>;

    /// Grows the memory to at least `size` bytes. The caller has checked the module's maximum and the limit.
    ///
    /// # Errors
    /// `OutOfMemory` where the machine has too little memory. This ends the run: if the module could handle it, its
    /// results would differ between machines.
    fn grow(&mut self, size: u64) -> std::result::Result<(), Trap>;
}
