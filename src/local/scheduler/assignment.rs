//! Drafts and signs assignments.

use sha2::{Digest, Sha256};

use super::schedule::{Entry, EntryKind};
use crate::ans104::{DataItem, Draft, Tag};
use crate::arweave::Id;
use crate::error::Result;
use crate::local::context::NetworkContext;
use crate::local::platform::Platform;
use crate::local::store::{items, names, records};
use crate::protocol::{PROTOCOL, VARIANT};

/// The assignment to an entry, to be signed. `None` for ticks, which have no slot.
pub(crate) fn draft_assignment<P>(context: &NetworkContext<P>, process: &Id, entry: &Entry) -> Option<Draft> {
    let anchor = Sha256::new()
        .chain_update(context.anchor_seed.as_bytes())
        .chain_update(process.as_bytes())
        .chain_update(entry.nonce.to_le_bytes())
        .chain_update(entry.timestamp.to_le_bytes());
    let mut tags = vec![
        Tag::new("Process", process.to_string()),
        Tag::new("Epoch", "0"),
        Tag::new("Nonce", entry.nonce.to_string()),
        Tag::new("Hash-Chain", entry.chain()?.to_string()),
        Tag::new("Block-Height", context.options.blocks.padded(entry.timestamp)),
        Tag::new("Timestamp", entry.timestamp.to_string()),
        Tag::new("Data-Protocol", PROTOCOL),
        Tag::new("Type", "Assignment"),
        Tag::new("Variant", VARIANT),
    ];
    if entry.id != *process || entry.nonce > 0 {
        tags.push(Tag::new("Message", entry.id.to_string()));
    }
    if let EntryKind::Assigned { exclude, .. } = &entry.kind {
        tags.extend(exclude.iter().map(|field| Tag::new("Exclude", field.as_str())));
    }
    Some(Draft {
        target: None,
        anchor: Some(anchor.finalize().to_vec()),
        tags,
    })
}

/// Signs and stores an assignment, unless one is stored already. It is stored as an item too, for the gateway.
pub(crate) async fn sign_assignment(
    platform: &impl Platform,
    process: &Id,
    index: usize,
    draft: Draft,
    timestamp: u64,
) -> Result<DataItem> {
    let name = names::assignment(process, index);
    let signed = platform.sign(draft, Vec::new()).await?;
    let assignment = match records::insert(platform, &name, &signed.raw).await? {
        true => DataItem::parse(signed.raw)?,
        // Signed before a crash, or by another page that uses the same store.
        false => {
            let stored = items::get_assignment(platform, process, index).await?;
            stored.ok_or_else(|| records::missing(&name))?
        }
    };
    items::insert(platform, &assignment, timestamp).await?;
    Ok(assignment)
}
