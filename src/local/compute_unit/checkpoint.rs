//! `POST /checkpoint/:process?to=…`: writes a checkpoint, as permaweb's compute unit uploads it, and stores it as an item.

use serde_json::json;

use crate::ans104::{DataItem, Draft, Tag};
use crate::arweave::Id;
use crate::local::http::{HttpError, HttpResult, Response};
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::scheduler::Entry;
use crate::local::store::items;
use crate::local::units::LocalUnits;
use crate::protocol::{PROTOCOL, VARIANT};
use crate::signer::hexadecimal;

/// Writes a checkpoint of the state after a message or slot. Ticks that follow it are left out: they are in no slot.
pub(super) async fn write<P: Platform>(
    units: &mut LocalUnits<P>,
    process: &Id,
    target: &PathAndQuery,
) -> HttpResult<Response> {
    let LocalUnits {
        context,
        scheduler,
        compute,
    } = units;
    let count = scheduler.count_through(process, target.get("to")).await?;
    let schedule = scheduler.require_schedule(process)?;
    let (slots, entries) = (schedule.slots(), schedule.entries());
    let slots = &slots[..slots.partition_point(|index| *index < count)];
    // Units skip repeated assignments: the last message that was evaluated can be an earlier one.
    let evaluated = slots.iter().rfind(|index| !schedule.is_repeated(**index));
    let newest = slots.last().copied().unwrap_or_default();
    let evaluated = evaluated.and_then(|index| entries.get(*index));
    let chain = entries.get(newest).and_then(Entry::chain);
    let (Some(evaluated), Some(chain)) = (evaluated, chain) else {
        return Err(HttpError::missing(format!("Process {process} has no message")));
    };
    let (slot, timestamp, module) = (evaluated.nonce, evaluated.timestamp, schedule.module);
    let assignment = scheduler.assignment(process, newest).await?.id();
    let mut state = compute.restore(scheduler, process, newest + 1).await?;
    let tags = [
        ("Data-Protocol", PROTOCOL.into()),
        ("Variant", VARIANT.into()),
        ("Type", "Checkpoint".into()),
        ("Module", module.to_string()),
        ("Process", process.to_string()),
        ("Nonce", slot.to_string()),
        ("Timestamp", timestamp.to_string()),
        ("Block-Height", context.options.blocks.height(timestamp).to_string()),
        ("Content-Type", "application/octet-stream".into()),
        ("SHA-256", hexadecimal(&state.memory_hash()?)),
        ("Content-Encoding", "gzip".into()),
        ("Unit-Identifier", context.address.to_string()),
        ("Ordinate", slot.to_string()),
        ("Assignment", assignment.to_string()),
        ("Hash-Chain", chain.to_string()),
    ];
    let draft = Draft {
        tags: tags.into_iter().map(|(name, value)| Tag::new(name, value)).collect(),
        ..Draft::default()
    };
    let signed = context.platform.sign(draft, state.checkpoint()?).await?;
    let item = DataItem::parse(signed.raw)?;
    items::insert(&context.platform, &item, context.platform.now()).await?;
    let body = json!({ "id": item.id().to_string(), "process": process.to_string(), "slot": slot });
    Ok(Response::json(201, &body))
}
