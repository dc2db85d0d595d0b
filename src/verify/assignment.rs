//! The signature of an assignment.

use super::failure::failure;
use super::item::{Signed, anchors_of, signed_tags};
use super::{Assignment, Entry};
use crate::ans104::{DataDigest, Tag};
use crate::arweave::{Id, from_base64url};
use crate::error::{ErrorKind, Result};
use crate::platform::RsaSignature;

/// Checks that an assignment is of this process and signed by this scheduler.
///
/// # Errors
/// `VerifyProcess`, `VerifyScheduler`, `VerifySignature`.
pub fn check_assignment(assignment: &Assignment, process: &Id, scheduler: &Id) -> Result<()> {
    check_with(assignment, process, scheduler, false)
}

/// As [`check_assignment`]. `is_signed`: the signature is verified already.
pub(super) fn check_with(assignment: &Assignment, process: &Id, scheduler: &Id, is_signed: bool) -> Result<()> {
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
    if is_signed {
        return Ok(());
    }
    let parts = parts_of(assignment);
    let signed = signed(assignment, &parts);
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

/// The signatures that an assignment may have.
pub(super) fn rsa_signatures(assignment: &Assignment) -> Vec<RsaSignature> {
    let parts = parts_of(assignment);
    let signed = signed(assignment, &parts);
    let anchors = anchors_of(assignment.anchor.as_deref()).into_iter();
    anchors.filter_map(|anchor| signed.rsa_with(&anchor)).collect()
}

fn signed<'a>(assignment: &'a Assignment, (target, tags): &'a (Vec<u8>, Vec<Tag>)) -> Signed<'a> {
    Signed {
        signature: &assignment.signature,
        owner: &assignment.owner_key,
        target,
        tags,
        data: DataDigest::of(&[]),
    }
}

/// The target and the tags in the form that is signed.
fn parts_of(assignment: &Assignment) -> (Vec<u8>, Vec<Tag>) {
    let target = from_base64url(&assignment.target).unwrap_or_default();
    (target, signed_tags(&assignment.tags))
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
