//! From an entry of a schedule to what the module receives.

use super::dedupe::{Content, Fingerprint, forwarded_content};
use super::replay::ReplayEntry;
use crate::ans104::SignatureType;
use crate::arweave::Id;
use crate::error::Result;
use crate::protocol::{ScheduledInput, TextTag, forwarded_for};
use crate::signer::ethereum;

/// The values of an assignment that a module receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentFields {
    pub id: Id,
    pub epoch: u64,
    pub slot: u64,
    /// Milliseconds since 1970.
    pub timestamp: u64,
    pub block_height: u64,
    /// In base64url.
    pub hash_chain: String,
    /// The names of fields that the module does not receive (`Exclude`). They count for assigned messages only.
    pub exclude: Vec<String>,
}

/// The fields of a message, as text. A scheduler's text, or for assigned messages, a gateway's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageFields {
    pub id: Id,
    /// In base64url.
    pub signature: String,
    /// The address as a compute unit writes it: see [`owner_address`].
    pub owner: String,
    /// In base64url. Empty for none.
    pub target: String,
    pub anchor: Option<String>,
    pub tags: Vec<TextTag>,
    /// Bytes that are not UTF-8 are U+FFFD. `None` is `null`.
    pub data: Option<String>,
    /// Whether the schedule has the message by its id only, and the fields come from a gateway.
    pub assigned: bool,
}

/// The address of a public key as a compute unit writes it: that of Ethereum for a key of 65 bytes, and base64url of the
/// key's hash for every other.
///
/// # Errors
/// `BadKey` does not occur for keys of any length.
pub fn owner_address(key: &[u8]) -> Result<String> {
    if key.len() == SignatureType::Ethereum.owner_length() {
        return ethereum::address(key);
    }
    Ok(Id::of(key).to_string())
}

/// Builds the entry that [`Replay::advance`](super::Replay::advance) takes.
///
/// A module receives the process as `Target`, whatever target a message has. For an assigned message it receives the
/// message's own. Excluded tags reach it all the same.
pub fn replay_entry(process: &Id, assignment: &AssignmentFields, message: MessageFields) -> ReplayEntry {
    let MessageFields { assigned, .. } = message;
    let excludes = |name: &str| assigned && assignment.exclude.iter().any(|excluded| excluded == name);
    let content = forwarded_for(&message.tags).map(|_| {
        forwarded_content(Content {
            target: &message.target,
            anchor: message.anchor.as_deref().unwrap_or_default(),
            tags: &message.tags,
            data: message.data.as_deref().unwrap_or_default(),
        })
    });
    ReplayEntry {
        assignment: assignment.id,
        message: Fingerprint {
            message: message.id,
            assigned,
            content,
        },
        input: ScheduledInput {
            id: message.id.to_string(),
            signature: (!excludes("Signature")).then_some(message.signature),
            without_data: excludes("Data"),
            data: message.data,
            owner: message.owner,
            target: if assigned { message.target } else { process.to_string() },
            without_anchor: excludes("Anchor"),
            anchor: message.anchor,
            tags: message.tags,
            epoch: assignment.epoch,
            nonce: assignment.slot,
            timestamp: assignment.timestamp,
            block_height: assignment.block_height,
            hash_chain: assignment.hash_chain.clone(),
        },
    }
}
