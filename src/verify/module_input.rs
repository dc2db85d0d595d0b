//! From an entry of a schedule to what the module receives.

use super::dedupe::{Content, Fingerprint, forwarded_content};
use super::failure::failure;
use super::item::ItemParts;
use super::replay::ReplayEntry;
use super::schedule::{Entry, EntryMessage};
use crate::arweave::{Id, to_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{ScheduledInput, TextTag, forwarded_for};
use crate::signer::address;

/// The item of an assigned message, whose fields a compute unit reads from a gateway.
#[derive(Debug, Clone, Copy)]
pub struct AssignedItem<'a> {
    pub item: &'a ItemParts,
    /// The anchor as the gateway's GraphQL shows it. Gateways differ, and so what the module receives.
    pub anchor: &'a str,
}

impl AssignedItem<'_> {
    /// Whether the anchor is that of the item in a form that gateways use: none, text, or base64url.
    fn shows_its_anchor(&self) -> bool {
        let anchor = &self.item.anchor;
        self.anchor.is_empty() || self.anchor.as_bytes() == anchor || self.anchor == to_base64url(anchor)
    }
}

/// The fields of a message as a compute unit knows them.
struct Fields {
    id: Id,
    signature: Vec<u8>,
    owner: String,
    target: String,
    anchor: Option<String>,
    tags: Vec<TextTag>,
    data: Option<String>,
}

/// Builds the entry that [`Replay::advance`](super::Replay::advance) takes. The caller has verified `entry`. `assigned` is the
/// item of an entry without a message.
///
/// A module receives the process as `Target`, whatever target a message has. For an assigned message it receives the
/// message's own. Excluded tags reach it all the same. A scheduler's text is handed over as it is, U+FFFD included.
///
/// # Errors
/// `BadArgument` where the entry has no message and `assigned` is missing. `VerifyData` where its anchor is another one.
pub fn replay_entry(entry: &Entry, assigned: Option<AssignedItem<'_>>) -> Result<ReplayEntry> {
    let assignment = &entry.assignment;
    let fields = match (&entry.message, assigned) {
        (Some(message), _) => own_fields(message),
        (None, Some(assigned)) => {
            if !assigned.shows_its_anchor() {
                let what = "assigns a message of which the gateway shows another anchor";
                return Err(failure(ErrorKind::VerifyData, entry.slot, what));
            }
            gateway_fields(assigned)
        }
        (None, None) => {
            let message = format!(
                "Slot {} assigns a message that exists elsewhere. Read its item from a gateway",
                entry.slot
            );
            return Err(Error::new(ErrorKind::BadArgument, message).with_number("slot", entry.slot as f64));
        }
    };
    let is_assigned = entry.message.is_none();
    let excludes = |name: &str| is_assigned && assignment.exclude.iter().any(|excluded| excluded == name);
    let content = forwarded_for(&fields.tags).map(|_| {
        forwarded_content(Content {
            target: &fields.target,
            anchor: fields.anchor.as_deref().unwrap_or_default(),
            tags: &fields.tags,
            data: fields.data.as_deref().unwrap_or_default(),
        })
    });
    Ok(ReplayEntry {
        assignment: assignment.id,
        message: Fingerprint {
            message: fields.id,
            assigned: is_assigned,
            content,
        },
        may_repeat: false,
        input: ScheduledInput {
            id: fields.id.to_string(),
            signature: (!excludes("Signature")).then(|| to_base64url(&fields.signature)),
            without_data: excludes("Data"),
            data: fields.data,
            owner: fields.owner,
            target: if is_assigned {
                fields.target
            } else {
                assignment.process.to_string()
            },
            without_anchor: excludes("Anchor"),
            anchor: fields.anchor,
            tags: fields.tags,
            epoch: assignment.epoch,
            nonce: entry.slot,
            timestamp: assignment.timestamp,
            block_height: assignment.block_height,
            hash_chain: assignment.hash_chain.to_string(),
        },
    })
}

fn own_fields(message: &EntryMessage) -> Fields {
    Fields {
        id: message.id,
        signature: message.signature.clone(),
        owner: address::compute_unit(&message.owner_key),
        target: message.target.clone(),
        anchor: message.anchor.clone(),
        tags: message.tags.clone(),
        data: message.data.clone(),
    }
}

fn gateway_fields(AssignedItem { item, anchor }: AssignedItem<'_>) -> Fields {
    Fields {
        id: item.id(),
        signature: item.signature.clone(),
        owner: address::compute_unit(&item.owner),
        target: to_base64url(&item.target),
        anchor: Some(anchor.into()),
        tags: item.text_tags(),
        data: Some(String::from_utf8_lossy(&item.data).into_owned()),
    }
}
