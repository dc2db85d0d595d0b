//! What runs a module: a WebAssembly engine, as this crate needs one. The host functions in `imports` are written over
//! these traits once, so that every engine gives a module the same surroundings.

use std::borrow::Cow;
use std::rc::Rc;

use super::binary::{Binary, ValueType};
use super::instance_state::InstanceState;
use super::trap::Trap;
use crate::error::Result;

/// A number on its way into a module or out of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
}

impl Value {
    /// The number as a value of the type; integers are cut, as a C compiler would.
    pub(super) fn integer(number: i64, value_type: ValueType) -> Self {
        match value_type {
            ValueType::I32 => Self::I32(number as i32),
            ValueType::F32 => Self::F32(number as f32),
            ValueType::F64 => Self::F64(number as f64),
            ValueType::I64 | ValueType::Other => Self::I64(number),
        }
    }

    /// The same number as a value of another type, as C does between a host and its module.
    pub fn cast(self, value_type: ValueType) -> Self {
        Self::integer(self.signed(), value_type)
    }

    pub(super) fn float(number: f64, value_type: ValueType) -> Self {
        match value_type {
            ValueType::F32 => Self::F32(number as f32),
            ValueType::F64 => Self::F64(number),
            ValueType::I32 => Self::I32(number as i32),
            ValueType::I64 | ValueType::Other => Self::I64(number as i64),
        }
    }

    /// The number with its sign; a float loses its fraction.
    pub(super) fn signed(self) -> i64 {
        match self {
            Self::I32(number) => number.into(),
            Self::I64(number) => number,
            Self::F32(number) => number as i64,
            Self::F64(number) => number as i64,
        }
    }

    /// The number as an address or a length: 32 bits have no sign.
    pub(super) fn unsigned(self) -> u64 {
        match self {
            Self::I32(number) => number.cast_unsigned().into(),
            other => other.signed().cast_unsigned(),
        }
    }
}

/// A WebAssembly engine.
pub trait Engine {
    /// The name that results carry.
    fn name(&self) -> &'static str;

    /// Whether it can end runs that take too long by itself. Otherwise modules are made to pay for what they do.
    fn counts_instructions(&self) -> bool;

    /// After how many messages a process's memory is copied, for when a later one must be undone: those in between are
    /// then evaluated again. What is fast enough for that saves most of the copies.
    fn snapshot_interval(&self) -> usize;

    /// Prepares a module. `binary` is what this crate has read of the same bytes; `limited` modules may have to be ended
    /// while they run, for which engines that count must count.
    ///
    /// # Errors
    /// `BadModule` for bytes that are no module, `Unsupported` for a module that needs what the engine lacks.
    fn compile(&self, bytes: &Rc<[u8]>, binary: &Rc<Binary>, limited: bool) -> Result<Rc<dyn Compiled>>;
}

/// A module that is ready to be instantiated, as often as one likes.
pub trait Compiled {
    /// A fresh instance, none of whose functions has run but the module's start function.
    ///
    /// `watched` instances look at the stop signal of their limits every few milliseconds; they cost more to make.
    ///
    /// # Errors
    /// Whatever ends a run, and memory that the machine does not grant.
    fn instantiate(&self, state: InstanceState, interruptible: bool) -> std::result::Result<Box<dyn Instance>, Trap>;
}

/// Work on an instance.
pub type Job<'a> = &'a mut dyn FnMut(&mut dyn Guest) -> std::result::Result<(), Trap>;

/// An instance that is not running.
pub trait Instance {
    /// Runs `job` with the instance at hand, within what the limits of its host allow.
    ///
    /// # Errors
    /// Whatever the job ends with.
    fn run(&mut self, job: Job<'_>) -> std::result::Result<(), Trap>;

    /// As [`run`](Self::run), for jobs that call no function of the module: the limits do not count.
    ///
    /// # Errors
    /// Whatever the job ends with.
    fn inspect(&mut self, job: Job<'_>) -> std::result::Result<(), Trap>;
}

/// A running instance, as host functions see it.
pub trait Guest: Memory {
    /// What the host keeps for this instance.
    fn state(&mut self) -> &mut InstanceState;

    /// Calls an exported function, by the name that the format's table has for it.
    ///
    /// # Errors
    /// Whatever ends the call.
    fn call(&mut self, export: &str, arguments: &[Value]) -> std::result::Result<Option<Value>, Trap>;

    /// An exported global that holds a number; `None` when there is none.
    fn global(&mut self, name: &str) -> Option<Value>;

    /// Sets an exported global, where it is there and can be set.
    fn set_global(&mut self, name: &str, value: i64);

    /// Calls an entry of the function table.
    ///
    /// # Errors
    /// Whatever ends the call; a trap when there is no such entry.
    fn call_indirect(&mut self, index: u64, arguments: &[Value]) -> std::result::Result<Option<Value>, Trap>;
}

/// Linear memory.
pub trait Memory {
    /// Its length in bytes.
    fn size(&self) -> u64;

    /// The bytes there; `None` when they are not all inside.
    fn view(&self, at: u64, length: u64) -> Option<Cow<'_, [u8]>>;

    /// Copies the bytes there; `None` when they are not all inside.
    #[must_use]
    fn read(&self, at: u64, bytes: &mut [u8]) -> Option<()>;

    /// Puts bytes there; `None` when they are not all inside.
    #[must_use]
    fn write(&mut self, at: u64, bytes: &[u8]) -> Option<()>;

    /// Puts zeros there; `None` when they are not all inside.
    #[must_use]
    fn clear(&mut self, at: u64, length: u64) -> Option<()>;

    /// Copies bytes from one place to another, which may overlap; `None` when they are not all inside.
    #[must_use]
    fn shift(&mut self, to: u64, from: u64, length: u64) -> Option<()>;

    /// Grows to at least so many bytes, which the module's own maximum and the user's limit allow.
    ///
    /// # Errors
    /// `OutOfMemory` when the machine does not. The module is not told: what it makes of that would differ between
    /// machines.
    fn grow(&mut self, size: u64) -> std::result::Result<(), Trap>;
}
