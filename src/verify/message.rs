//! The message of an entry.

use std::borrow::Cow;

use super::failure::failure;
use super::item::{ItemParts, Signed, anchors_of, signed_tags};
use super::{Entry, EntryMessage};
use crate::ans104::{DataDigest, SignatureType, Tag};
use crate::arweave::{Id, from_base64url, to_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::RsaSignature;

/// What the check of a message found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageCheck {
    /// The message is verified, with a signature of this type.
    Verified(SignatureType),
    /// The schedule does not show all signed bytes. The item with this id must be read from the gateway, and passed to
    /// [`check_with_item`].
    NeedsItem(Id),
}

/// Checks that an entry's message is the one that its assignment names, and that it is signed. The assignment must be verified.
///
/// # Errors
/// `VerifyMessage`, `VerifySignature`.
pub fn check_message(entry: &Entry) -> Result<MessageCheck> {
    check_with(entry, None)
}

/// As [`check_message`]. `anchor`: that with which the signature of an Arweave key is verified already.
pub(super) fn check_with(entry: &Entry, anchor: Option<Vec<u8>>) -> Result<MessageCheck> {
    let named = named_id(entry)?;
    let Some(message) = &entry.message else {
        return Ok(MessageCheck::NeedsItem(named));
    };
    if message.id != named {
        let what = format!("shows the message {}, and its assignment names {named}", message.id);
        return Err(failure(ErrorKind::VerifyMessage, entry.slot, &what));
    }
    if Id::of(&message.signature) != message.id {
        let what = "has a message whose id is not the hash of its signature";
        return Err(failure(ErrorKind::VerifySignature, entry.slot, what));
    }
    if Id::of(&message.owner_key) != message.owner_address {
        let what = "has a message whose owner is not the address of its key";
        return Err(failure(ErrorKind::VerifySignature, entry.slot, what));
    }
    let verified = match anchor {
        Some(anchor) => Some((SignatureType::Arweave, anchor)),
        None => type_and_anchor(message),
    };
    // Without it: data or an anchor that is not UTF-8, tags in an unusual encoding; or a changed message. The item decides.
    let Some((kind, anchor)) = verified else {
        return Ok(MessageCheck::NeedsItem(message.id));
    };
    let target = target_of(message);
    match shown_otherwise(entry, message, [&target, &anchor, data_of(message)]) {
        None => check_target(entry, message).map(|()| MessageCheck::Verified(kind)),
        Some(part) => Err(changed(entry, part)),
    }
}

/// The type and the anchor for which the signature belongs to the message.
fn type_and_anchor(message: &EntryMessage) -> Option<(SignatureType, Vec<u8>)> {
    let parts = parts_of(message);
    let signed = signed(message, &parts);
    anchors_of(message.anchor.as_deref()).into_iter().find_map(|anchor| {
        let kind = signed.type_with(&anchor)?;
        Some((kind, anchor))
    })
}

/// The signatures that a message may have, each with its anchor.
pub(super) fn rsa_signatures(message: &EntryMessage) -> Vec<(Vec<u8>, RsaSignature)> {
    let parts = parts_of(message);
    let signed = signed(message, &parts);
    let anchors = anchors_of(message.anchor.as_deref()).into_iter();
    anchors
        .filter_map(|anchor| signed.rsa_with(&anchor).map(|signature| (anchor, signature)))
        .collect()
}

fn signed<'a>(message: &'a EntryMessage, (target, tags): &'a (Vec<u8>, Vec<Tag>)) -> Signed<'a> {
    Signed {
        signature: &message.signature,
        owner: &message.owner_key,
        target,
        tags,
        data: DataDigest::of(data_of(message)),
    }
}

/// The target and the tags in the form that is signed.
fn parts_of(message: &EntryMessage) -> (Vec<u8>, Vec<Tag>) {
    (target_of(message), signed_tags(&message.tags))
}

fn target_of(message: &EntryMessage) -> Vec<u8> {
    from_base64url(&message.target).unwrap_or_default()
}

fn data_of(message: &EntryMessage) -> &[u8] {
    message.data.as_deref().unwrap_or_default().as_bytes()
}

/// Checks an entry against the item of its message, whose signature is verified.
///
/// # Errors
/// `VerifySignature` where the schedule shows something that the item does not have.
pub fn check_with_item(entry: &Entry, item: &ItemParts) -> Result<()> {
    let Some(message) = &entry.message else { return Ok(()) };
    let parts = [
        ("signature", message.signature == item.signature),
        ("key", message.owner_key == item.owner),
        ("tags", message.tags == item.text_tags()),
    ];
    let differs = parts.into_iter().find(|(_, same)| !same).map(|(name, _)| name);
    match differs.or_else(|| shown_otherwise(entry, message, [&item.target, &item.anchor, &item.data])) {
        None => check_target(entry, message),
        Some(part) => Err(changed(entry, part)),
    }
}

fn changed(entry: &Entry, part: &str) -> Error {
    let what = format!("has a message whose {part} was changed after it was signed");
    failure(ErrorKind::VerifySignature, entry.slot, &what)
}

/// A schedule shows messages to its process. Of others it shows the assignment only.
fn check_target(entry: &Entry, message: &EntryMessage) -> Result<()> {
    let process = &entry.assignment.process;
    if message.id == *process || message.target == process.to_string() {
        return Ok(());
    }
    let what = "shows a message that is not to this process. Schedulers only name such a message";
    Err(failure(ErrorKind::VerifyMessage, entry.slot, what))
}

/// The id of the message that an entry assigns.
///
/// # Errors
/// `VerifyMessage` where only the item of the process may be assigned without a tag, and it is another message.
fn named_id(entry: &Entry) -> Result<Id> {
    let Some(named) = entry.assignment.message else {
        return match &entry.message {
            Some(message) if message.id == entry.assignment.process && entry.slot == 0 => Ok(message.id),
            _ => {
                let what = "has an assignment that names no message";
                Err(failure(ErrorKind::VerifyMessage, entry.slot, what))
            }
        };
    };
    Ok(named)
}

/// The first part that the schedule shows in another form than scheduler units do. A signature covers the bytes alone, and a
/// module receives what the schedule shows: there must be one form only.
///
/// Units show data as text in which bytes that are not UTF-8 are U+FFFD. The data of the process's own item and anchors are
/// text or `null`.
fn shown_otherwise(entry: &Entry, message: &EntryMessage, [target, anchor, data]: [&[u8]; 3]) -> Option<&'static str> {
    let lossy = String::from_utf8_lossy(data);
    let is_process = message.id == entry.assignment.process;
    let data = Some(&*lossy).filter(|_| !is_process || matches!(lossy, Cow::Borrowed(_)));
    let anchor = std::str::from_utf8(anchor).ok().filter(|anchor| !anchor.is_empty());
    let parts = [
        ("target", message.target == to_base64url(target)),
        ("anchor", message.anchor.as_deref() == anchor),
        ("data", message.data.as_deref() == data),
    ];
    parts.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
}
