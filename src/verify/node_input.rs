//! From a verified entry of a node's schedule to what the module receives.
//!
//! The node passes it on in the form `application/aos-2` to a compute unit, which builds the module's input. Beside what a
//! scheduler unit's entries have, the nonce is the slot, anchors are in base64url, and tags are in the case of HTTP headers where
//! the item's are all in lower case.

use super::dedupe::{Content, Fingerprint, forwarded_content};
use super::failure::failure;
use super::replay::ReplayEntry;
use super::{NodeEntry, NodeMessage};
use crate::arweave::{Id, to_base64url};
use crate::error::{ErrorKind, Result};
use crate::protocol::{ScheduledInput, forwarded_for};

/// Builds the entry that [`Replay::advance`](super::Replay::advance) takes. The caller has verified both.
///
/// # Errors
/// `VerifySignature` for an assignment without a commitment, which no node shows.
pub fn node_replay_entry(process: &Id, entry: &NodeEntry, message: &NodeMessage) -> Result<ReplayEntry> {
    let Some(assignment) = entry.assignment_ids().first().copied() else {
        let what = "has an assignment without a commitment";
        return Err(failure(ErrorKind::VerifySignature, entry.slot, what));
    };
    let tags = message.passed_tags();
    let content = forwarded_for(&tags).map(|_| {
        forwarded_content(Content {
            target: &message.target,
            anchor: &message.anchor,
            tags: &tags,
            data: &message.data,
        })
    });
    Ok(ReplayEntry {
        assignment,
        message: Fingerprint {
            message: message.id,
            assigned: false,
            content,
        },
        may_repeat: true,
        input: ScheduledInput {
            id: message.id.to_string(),
            signature: Some(to_base64url(&message.signature)),
            data: Some(message.data.clone()),
            owner: message.owner()?,
            target: process.to_string(),
            anchor: Some(message.anchor.clone()),
            tags,
            nonce: entry.slot,
            timestamp: entry.timestamp,
            block_height: entry.block_height,
            hash_chain: entry.hash_chain.clone().unwrap_or_default(),
            ..ScheduledInput::default()
        },
    })
}
