//! The reasons for which a run of a module ends early.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// Why a run of a module ended early. It is plain data, since engines carry it from a host function to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trap {
    /// C's `longjmp`. The nearest `invoke_*` catches it.
    LongJump,
    /// The module called `exit` with this status.
    Exit(i32),
    /// The module aborted, or did something that the engine or a host function refuses.
    Failed(String),
    /// An access outside of the memory.
    OutOfBounds,
    OutOfGas,
    OutOfMemory,
    Stopped,
    /// The run takes long enough that it has to be interruptible, and this instance is not. It is run again in one that
    /// is.
    NeedsInterruptible,
    /// Code that is not valid. Engines may find it only when it is about to run.
    Invalid(String),
    /// Code that uses a feature which the engine does not have.
    Unsupported(String),
}

impl Trap {
    pub(super) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongJump => f.write_str("The module failed: it called longjmp without setjmp"),
            Self::Exit(status) => write!(f, "The module called exit with status {status}"),
            Self::Failed(reason) => write!(f, "The module failed: {reason}"),
            Self::OutOfBounds => f.write_str("The module failed: it used an address outside of its memory"),
            Self::OutOfGas | Self::NeedsInterruptible => {
                f.write_str("out of gas! Raise computeLimit to let the module run longer")
            }
            Self::OutOfMemory => f.write_str("The module needs more memory than memoryLimit allows. Raise memoryLimit"),
            Self::Stopped => f.write_str("The evaluation was stopped"),
            Self::Invalid(reason) => write!(f, "The module's code is not valid: {reason}"),
            Self::Unsupported(reason) => write!(f, "This engine cannot run the module: {reason}"),
        }
    }
}

impl std::error::Error for Trap {}

impl From<Trap> for Error {
    fn from(trap: Trap) -> Self {
        let kind = match trap {
            Trap::LongJump | Trap::Exit(_) | Trap::Failed(_) | Trap::OutOfBounds => ErrorKind::EngineTrap,
            Trap::OutOfGas | Trap::NeedsInterruptible => ErrorKind::OutOfGas,
            Trap::OutOfMemory => ErrorKind::OutOfMemory,
            Trap::Stopped => ErrorKind::Stopped,
            Trap::Invalid(_) => ErrorKind::BadModule,
            Trap::Unsupported(_) => ErrorKind::Unsupported,
        };
        Self::new(kind, trap.to_string())
    }
}
