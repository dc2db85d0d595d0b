//! The errors of a verification.

use crate::error::{Error, ErrorKind};

/// An error about a slot: "Slot 5 {what}", and what to do.
pub(super) fn failure(kind: ErrorKind, slot: u64, what: &str) -> Error {
    let advice = match kind {
        ErrorKind::VerifyFork => "Do not trust this scheduler, and keep both assignments: they prove it",
        ErrorKind::VerifyData => "Use another gateway",
        ErrorKind::VerifyCheckpoint => "Use another checkpoint, or start from slot 0",
        _ => "Read the schedule from another source",
    };
    Error::new(kind, format!("Slot {slot} {what}. {advice}")).with_number("slot", slot as f64)
}
