//! Slots and assignments as a HyperBEAM node returns them.

use serde_json::{Map, Value, json};

use super::commitments;
use super::resolve::{Resolved, resolve};
use super::state::message_of;
use crate::ans104::Tag;
use crate::arweave::{Id, to_base64url};
use crate::local::context::NetworkContext;
use crate::local::http::{HttpResult, Response};
use crate::local::json::{object, text, title_case};
use crate::local::path_and_query::{self, PathAndQuery};
use crate::local::platform::Platform;
use crate::local::scheduler::Scheduler;
use crate::local::store::items::{self, StoredItem};
use crate::local::store::records::missing_record;
use crate::protocol::MAINNET_VARIANT;

/// Maximum number of assignments on a page.
const MAX_ASSIGNMENTS: u64 = 1000;

/// The newest slot.
pub(crate) fn current_slot<P: Platform>(scheduler: &Scheduler<P>, process: &Id) -> HttpResult<u64> {
    let schedule = scheduler.require_schedule(process)?;
    Ok(schedule.next_nonce().saturating_sub(1))
}

/// `…/slot/…`
pub(crate) fn slot_message<P: Platform>(scheduler: &Scheduler<P>, process: &Id, path: &[&str]) -> HttpResult<Resolved> {
    let context = scheduler.context();
    let now = context.platform.now();
    let mut message = block_at(&context, now);
    for (name, value) in [
        ("addresses", Value::from(vec![context.address.to_string()])),
        ("cache-control", "no-store".into()),
        ("current", current_slot(scheduler, process)?.into()),
        ("process", process.to_string().into()),
        ("timestamp", now.into()),
    ] {
        message.insert(name.into(), value);
    }
    resolve(message, path)
}

/// The hash and the height of the newest block at a time.
fn block_at<P>(context: &NetworkContext<P>, timestamp: u64) -> Map<String, Value> {
    let height = context.options.blocks.height(timestamp);
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&height.to_be_bytes());
    object(vec![
        ("block-hash", to_base64url(&hash).into()),
        ("block-height", height.into()),
    ])
}

/// An assignment. Its message is in `body`, with its commitment.
pub(crate) async fn assignment_message<P: Platform>(
    scheduler: &Scheduler<P>,
    process: &Id,
    index: usize,
) -> HttpResult<Map<String, Value>> {
    let entry = scheduler.entry(process, index)?;
    let stored = items::require(&scheduler.context().platform, &entry.id).await?;
    let mut message = assignment_head(scheduler, process, index)?;
    let mut body = message_of(&stored.item);
    body.insert("commitments".into(), commitments::of_message(&stored).into());
    message.insert("body".into(), body.into());
    Ok(message)
}

/// An assignment without its message.
fn assignment_head<P: Platform>(
    scheduler: &Scheduler<P>,
    process: &Id,
    index: usize,
) -> HttpResult<Map<String, Value>> {
    let entry = scheduler.entry(process, index)?;
    let schedule = scheduler.require_schedule(process)?;
    let chain = schedule
        .node_chain(entry.nonce)
        .ok_or_else(|| missing_record("a hash chain"))?;
    let mut message = block_at(&scheduler.context(), entry.timestamp);
    for (name, value) in [
        ("block-timestamp", (entry.timestamp / 1000).into()),
        ("data-protocol", Value::from("ao")),
        ("epoch", "0".into()),
        ("hash-chain", chain.to_string().into()),
        ("path", "compute".into()),
        ("process", process.to_string().into()),
        ("slot", entry.nonce.into()),
        ("timestamp", entry.timestamp.into()),
        ("type", "Assignment".into()),
        ("variant", MAINNET_VARIANT.into()),
    ] {
        message.insert(name.into(), value);
    }
    Ok(message)
}

/// `…/schedule/…`: the slots from `from` to `to`, both inclusive.
pub(crate) async fn schedule_message<P: Platform>(
    scheduler: &Scheduler<P>,
    process: &Id,
    target: &PathAndQuery,
    path: &[&str],
) -> HttpResult<Resolved> {
    let context = scheduler.context();
    let (slots, more) = requested_slots(scheduler, process, target)?;
    let mut assignments = Map::new();
    for index in slots {
        let mut assignment = assignment_message(scheduler, process, index).await?;
        let (id, slot) = (
            scheduler.entry(process, index)?.id,
            scheduler.entry(process, index)?.nonce,
        );
        let head = assignment_head(scheduler, process, index)?;
        let signed = commitments::of_assignment(&context.platform, (process, index), &head, &id).await?;
        assignment.insert("commitments".into(), signed.into());
        assignments.insert(slot.to_string(), assignment.into());
    }
    let now = context.platform.now();
    let mut message = block_at(&context, now);
    for (name, value) in [
        ("assignments", Value::Object(assignments)),
        ("continues", more.into()),
        ("process", process.to_string().into()),
        ("timestamp", now.into()),
        ("type", "schedule".into()),
    ] {
        message.insert(name.into(), value);
    }
    resolve(message, path)
}

/// The same as a page of edges, the form of `application/aos-2`.
pub(crate) async fn schedule_edges<P: Platform>(
    scheduler: &Scheduler<P>,
    process: &Id,
    target: &PathAndQuery,
) -> HttpResult<Response> {
    let context = scheduler.context();
    let (slots, more) = requested_slots(scheduler, process, target)?;
    let mut edges = Vec::with_capacity(slots.len());
    for index in slots {
        let entry = scheduler.entry(process, index)?;
        let (id, slot) = (entry.id, entry.nonce);
        let head = assignment_head(scheduler, process, index)?;
        let tags = head.iter().filter_map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (!value.is_empty()).then(|| json!({ "name": title_case(name), "value": value }))
        });
        let assignment = json!({
            "Anchor": "", "Data": "", "From": "", "Id": scheduler.assignment(process, index).await?.id().to_string(),
            "Owner": "", "PublicKey": "", "Signature": "", "Tags": tags.collect::<Vec<Value>>(), "Target": ""
        });
        let stored = items::require(&context.platform, &id).await?;
        let node = json!({ "assignment": assignment, "message": edge_message(&stored) });
        edges.push(json!({ "cursor": slot, "node": node }));
    }
    let now = context.platform.now();
    let block = block_at(&context, now);
    let info = json!({
        "block-hash": block["block-hash"], "block-height": block["block-height"].to_string(), "has_next_page": more,
        "process": process.to_string(), "timestamp": now.to_string()
    });
    let body = json!({ "edges": edges, "page_info": info });
    Ok(Response::new(200, "application/json", body.to_string())
        .with_header("status", 200)
        .with_header("ao-types", r#"status="integer""#))
}

/// The entries of the requested slots, and whether there are more than fit on the page.
fn requested_slots<P: Platform>(
    scheduler: &Scheduler<P>,
    process: &Id,
    target: &PathAndQuery,
) -> HttpResult<(Vec<usize>, bool)> {
    let current = current_slot(scheduler, process)?;
    // There are no slots before the first one.
    let is_negative = |name| {
        target
            .get(name)
            .is_some_and(|text| text.starts_with('-') && text.parse::<i64>().is_ok())
    };
    if is_negative("from") || is_negative("to") {
        return Ok((Vec::new(), false));
    }
    let from = target.number("from")?.unwrap_or(0);
    let end = match target.get("to") {
        Some(text) => path_and_query::number(text, "to")?.min(current),
        None => current,
    };
    let to = end.min(from.saturating_add(MAX_ASSIGNMENTS - 1));
    let schedule = scheduler.require_schedule(process)?;
    let slots = (from..=to).filter_map(|slot| schedule.slot(slot));
    Ok((slots.collect(), to < end))
}

fn edge_message(stored: &StoredItem) -> Value {
    let (item, head) = (&stored.item, stored.item.head());
    let signature = if stored.is_http {
        String::new()
    } else {
        to_base64url(head.signature())
    };
    let owner = Id::of(head.owner()).to_string();
    let tag = |tag: &Tag| json!({ "name": text(&tag.name), "value": text(&tag.value) });
    json!({
        "Anchor": to_base64url(head.anchor()), "Data": text(item.data()), "From": owner, "Id": item.id().to_string(),
        "Owner": owner, "PublicKey": to_base64url(head.owner()), "Signature": signature,
        "Tags": head.tags().iter().map(tag).collect::<Vec<Value>>(), "Target": to_base64url(head.target())
    })
}
