//! Builds the JSON that a module gets: messages and environments.

use crate::ans104::{DataItem, Tag};
use crate::arweave::{Id, to_base64url};
use crate::local::blocks::Blocks;
use crate::local::json::{self, text, text_tags, valid_text};
use crate::local::scheduler::{Entry, EntryKind, Schedule};
use crate::protocol::{self, Cron, CronInput, EnvironmentPart, ScheduledInput};
use crate::signer::address;

/// The environment: `{ Process, Module }`. `module` is the owner and the tags of the module, if they are known.
pub(crate) fn environment(process: &Id, schedule: &Schedule, module: (Option<Id>, &[Tag])) -> String {
    let part = |id: &Id, owner: Option<String>, tags: &[Tag]| EnvironmentPart {
        id: id.to_string(),
        owner,
        tags: text_tags(tags),
    };
    let (owner, tags) = module;
    protocol::environment(
        &part(process, Some(schedule.owner.clone()), &schedule.tags),
        &part(&schedule.module, owner.map(|owner| owner.to_string()), tags),
    )
}

/// The message in a slot.
pub(crate) fn scheduled(process: &Id, entry: &Entry, item: &DataItem, blocks: &Blocks) -> String {
    let head = item.head();
    let (data, target, anchor, excluded) = match &entry.kind {
        // Read from the gateway, and so with the message's own target.
        EntryKind::Assigned { exclude, .. } => {
            let [target, anchor] = [to_base64url(head.target()), json::anchor(head.anchor())];
            (Some(text(item.data())), target, Some(anchor), &exclude[..])
        }
        _ if entry.id == *process => (valid_text(item.data()), process.to_string(), None, &[][..]),
        _ => (Some(text(item.data())), process.to_string(), None, &[][..]),
    };
    let excludes = |name: &str| excluded.iter().any(|excluded| excluded == name);
    ScheduledInput {
        id: entry.id.to_string(),
        signature: (!excludes("Signature")).then(|| to_base64url(head.signature())),
        without_data: excludes("Data"),
        data,
        owner: address::compute_unit(head.owner()),
        target,
        without_anchor: excludes("Anchor"),
        anchor: anchor.or_else(|| json::message_anchor(head.anchor())),
        // permaweb's compute unit passes excluded tags on too.
        tags: text_tags(head.tags()),
        epoch: 0,
        nonce: entry.nonce,
        timestamp: entry.timestamp,
        block_height: blocks.height(entry.timestamp),
        hash_chain: entry.chain().map(|chain| chain.to_string()).unwrap_or_default(),
    }
    .to_json()
}

/// The message of a cron tick. Its sender is the process's owner.
pub(crate) fn tick(process: &Id, schedule: &Schedule, entry: &Entry, cron: &Cron, blocks: &Blocks) -> String {
    CronInput {
        owner: schedule.owner.clone(),
        target: process.to_string(),
        tags: cron.tags.clone(),
        timestamp: entry.timestamp,
        block_height: blocks.height(entry.timestamp),
    }
    .to_json()
}
