//! Why a run ended before its time.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// Why a run ended before its time. Plain data, because it travels through engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trap {
    /// C's `longjmp`, on its way to the nearest `invoke_*`.
    LongJump,
    /// The module ended itself.
    Exit(i32),
    /// The module, or the engine on its behalf, gave up.
    Failed(String),
    /// Bytes outside of the memory.
    OutOfBounds,
    OutOfGas,
    OutOfMemory,
    Stopped,
    /// The run is long enough to be watched for its stop signal, which this instance cannot do.
    NeedsInterruptible,
    /// Code that is not valid, found when it was about to run.
    Invalid(String),
    /// Code of a kind that the engine does not have.
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
            Self::LongJump => f.write_str("longjmp without a place to jump to"),
            Self::Exit(status) => write!(f, "The module ended itself with status {status}"),
            Self::Failed(reason) => write!(f, "The module failed: {reason}"),
            Self::OutOfBounds => f.write_str("The module failed: an address outside of its memory"),
            Self::OutOfGas | Self::NeedsInterruptible => {
                f.write_str("out of gas! Raise computeLimit to let the module run longer")
            }
            Self::OutOfMemory => f.write_str("The module wants more memory than memoryLimit allows"),
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
