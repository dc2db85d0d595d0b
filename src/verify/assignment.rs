//! The signature of an assignment.

use super::failure::failure;
use super::item::{Signed, anchors_of, signed_tags};
use super::{Assignment, Entry};
use crate::ans104::DataDigest;
use crate::arweave::{Id, from_base64url};
use crate::error::{ErrorKind, Result};

/// Checks that an assignment is of this process and signed by this scheduler.
///
/// # Errors
/// `VerifyProcess`, `VerifyScheduler`, `VerifySignature`.
pub fn check_assignment(assignment: &Assignment, process: &Id, scheduler: &Id) -> Result<()> {
    let slot = assignment.nonce;
    if assignment.process != *process {
        let what = format!("is of the process {}, and not of {process}", assignment.process);
        return Err(failure(ErrorKind::VerifyProcess, slot, &what));
    }
    if assignment.tag("Type") != Some("Assignment") {
        let what = "has an assignment that is another type of item";
        return Err(failure(ErrorKind::VerifySignature, slot, what));
    }
    let signer = Id::of(&assignment.owner_key);
    if signer != *scheduler || assignment.owner_address != signer {
        let what = format!("is signed by {signer}, and the scheduler of the process is {scheduler}");
        return Err(failure(ErrorKind::VerifyScheduler, slot, &what));
    }
    if Id::of(&assignment.signature) != assignment.id {
        let what = "has an assignment whose id is not the hash of its signature";
        return Err(failure(ErrorKind::VerifySignature, slot, what));
    }
    let signed = Signed {
        signature: &assignment.signature,
        owner: &assignment.owner_key,
        target: &from_base64url(&assignment.target).unwrap_or_default(),
        tags: &signed_tags(&assignment.tags),
        data: DataDigest::of(&[]),
    };
    let mut anchors = anchors_of(assignment.anchor.as_deref()).into_iter();
    match anchors.any(|anchor| signed.type_with(&anchor).is_some()) {
        true => Ok(()),
        false => Err(failure(
            ErrorKind::VerifySignature,
            slot,
            "has an assignment to which its signature does not belong",
        )),
    }
}

/// Compares what two sources show in the same slot, each of which is verified.
///
/// # Errors
/// `VerifyFork` where the assignments differ: the scheduler signed both.
pub fn compare_sources(one: &Entry, other: &Entry) -> Result<()> {
    if one.slot != other.slot || one.assignment.id == other.assignment.id {
        return Ok(());
    }
    let what = format!(
        "is assigned twice: as {} and as {}. The scheduler has signed both",
        one.assignment.id, other.assignment.id
    );
    Err(failure(ErrorKind::VerifyFork, one.slot, &what)
        .with_text("assignment", one.assignment.id.to_string())
        .with_text("other", other.assignment.id.to_string()))
}
