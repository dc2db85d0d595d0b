//! The message of an entry.

use super::failure::failure;
use super::item::{ItemParts, Signed, anchors_of, signed_tags};
use super::{Entry, EntryMessage};
use crate::ans104::{DataDigest, SignatureType};
use crate::arweave::{Id, from_base64url};
use crate::error::{ErrorKind, Result};

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
    let data = message.data.as_deref();
    let signed = Signed {
        signature: &message.signature,
        owner: &message.owner_key,
        target: &from_base64url(&message.target).unwrap_or_default(),
        tags: &signed_tags(&message.tags),
        data: DataDigest::of(data.unwrap_or_default().as_bytes()),
    };
    let mut anchors = anchors_of(message.anchor.as_deref()).into_iter();
    match anchors.find_map(|anchor| signed.type_with(&anchor)) {
        Some(kind) => Ok(MessageCheck::Verified(kind)),
        // Data or an anchor that is not UTF-8, tags in an unusual encoding; or a changed message. The item decides.
        None => Ok(MessageCheck::NeedsItem(message.id)),
    }
}

/// Checks an entry against the item of its message, whose signature is verified.
///
/// # Errors
/// `VerifySignature` where the schedule shows something that the item does not have.
pub fn check_with_item(entry: &Entry, item: &ItemParts) -> Result<()> {
    let Some(message) = &entry.message else { return Ok(()) };
    let Some(part) = difference(message, item) else {
        return Ok(());
    };
    let what = format!("has a message whose {part} was changed after it was signed");
    Err(failure(ErrorKind::VerifySignature, entry.slot, &what))
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

/// The first part in which what a schedule shows differs from the item.
fn difference(message: &EntryMessage, item: &ItemParts) -> Option<&'static str> {
    let lossy = String::from_utf8_lossy(&item.data);
    let text = std::str::from_utf8(&item.data).is_ok();
    let data = match &message.data {
        Some(data) => *data == lossy,
        // The item of a process with binary data, or without any.
        None => !text || item.data.is_empty(),
    };
    let shown = message.anchor.as_deref().unwrap_or_default();
    let anchor = match shown {
        "" => item.anchor.is_empty() || std::str::from_utf8(&item.anchor).is_err(),
        _ => anchors_of(Some(shown)).contains(&item.anchor),
    };
    let parts = [
        ("signature", message.signature == item.signature),
        ("key", message.owner_key == item.owner),
        (
            "target",
            from_base64url(&message.target).unwrap_or_default() == item.target,
        ),
        ("anchor", anchor),
        ("tags", message.tags == item.text_tags()),
        ("data", data),
    ];
    parts.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
}
