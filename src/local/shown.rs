//! Items and assignments, as a scheduler and a gateway write them in JSON.

use serde_json::{Value, json};

use super::clock;
use super::store::Kept;
use crate::ans104::{DataItem, Tag};
use crate::arweave::{Id, to_base64url};

pub(super) fn message(item: &DataItem) -> Value {
    let mut message = assignment(item);
    message["data"] = text(item.data()).into();
    message
}

/// As a message, without data: an assignment has none.
pub(super) fn assignment(item: &DataItem) -> Value {
    let head = item.head();
    json!({
        "id": item.id().to_string(),
        "tags": tags(head.tags()),
        "owner": owner(head.owner()),
        "anchor": optional(head.anchor(), anchor),
        "target": optional(head.target(), to_base64url),
        "signature": to_base64url(head.signature())
    })
}

pub(super) fn process(kept: &Kept) -> Value {
    let head = kept.item.head();
    json!({
        "process_id": kept.item.id().to_string(),
        "block": clock::height(kept.timestamp).to_string(),
        "owner": owner(head.owner()),
        "tags": tags(head.tags()),
        "timestamp": kept.timestamp,
        "data": text(kept.item.data()),
        "anchor": optional(head.anchor(), anchor),
        "signature": to_base64url(head.signature())
    })
}

pub(super) fn owner(key: &[u8]) -> Value {
    json!({ "address": Id::of(key).to_string(), "key": to_base64url(key) })
}

pub(super) fn tags(tags: &[Tag]) -> Value {
    let tags = tags.iter();
    let shown = tags.map(|tag| json!({ "name": text(&tag.name), "value": text(&tag.value) }));
    shown.collect()
}

/// Text as it is, and other bytes so that they can be told apart from it.
pub(super) fn anchor(anchor: &[u8]) -> String {
    match std::str::from_utf8(anchor) {
        Ok(text) if !text.chars().any(char::is_control) => text.into(),
        _ => to_base64url(anchor),
    }
}

fn optional(bytes: &[u8], show: fn(&[u8]) -> String) -> Value {
    if bytes.is_empty() {
        Value::Null
    } else {
        show(bytes).into()
    }
}

/// Bytes that are not text become U+FFFD: JSON has no others, and neither has what modules read.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
