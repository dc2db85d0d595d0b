//! Items and assignments in JSON, as a scheduler unit and a gateway write them.

use serde_json::{Value, json};

use crate::ans104::{DataItem, Tag};
use crate::arweave::{Id, to_base64url};
use crate::local::blocks::Blocks;
use crate::local::store::records::Kept;
use crate::protocol::TextTag;

/// A message of a schedule. Its data is lossy: bytes that are not UTF-8 become U+FFFD.
pub(crate) fn message(item: &DataItem) -> Value {
    entry(item, text(item.data()).into())
}

/// The process's own item, whose data is `null` when it is not UTF-8.
pub(crate) fn process_item(item: &DataItem) -> Value {
    entry(item, whole_text(item.data()).into())
}

fn entry(item: &DataItem, data: Value) -> Value {
    let mut message = signed(item);
    message["data"] = data;
    message["anchor"] = message_anchor(item.head().anchor()).into();
    message["target"] = match item.head().target() {
        [] => Value::Null,
        target => to_base64url(target).into(),
    };
    message
}

/// An assignment; its anchor is only shown to those who ask for it.
pub(crate) fn assignment(item: &DataItem, show_anchor: bool) -> Value {
    let head = item.head();
    let anchor = match std::str::from_utf8(head.anchor()) {
        Ok(text) => text.to_owned(),
        Err(_) => to_base64url(head.anchor()),
    };
    let mut assignment = signed(item);
    assignment["anchor"] = show_anchor.then_some(anchor).into();
    assignment["target"] = to_base64url(head.target()).into();
    assignment
}

/// What a gateway says of an item.
pub(crate) fn transaction(kept: &Kept) -> Value {
    let head = kept.item.head();
    let mut transaction = signed(&kept.item);
    transaction["anchor"] = anchor(head.anchor()).into();
    transaction["target"] = to_base64url(head.target()).into();
    transaction["data_size"] = kept.item.data().len().to_string().into();
    transaction["format"] = 2.into();
    transaction
}

fn signed(item: &DataItem) -> Value {
    let head = item.head();
    json!({
        "id": item.id().to_string(),
        "owner": owner(head.owner()),
        "tags": tags(head.tags()),
        "signature": to_base64url(head.signature())
    })
}

/// What a scheduler unit says of a process under `/processes/:id`.
pub(crate) fn process(kept: &Kept, blocks: &Blocks) -> Value {
    let mut process = process_item(&kept.item);
    process["process_id"] = process["id"].take();
    process["block"] = blocks.padded(kept.timestamp).into();
    process["timestamp"] = kept.timestamp.into();
    if let Some(members) = process.as_object_mut() {
        members.remove("id");
    }
    process
}

pub(crate) fn owner(key: &[u8]) -> Value {
    json!({ "address": Id::of(key).to_string(), "key": to_base64url(key) })
}

pub(crate) fn tags(tags: &[Tag]) -> Value {
    let tags = tags.iter();
    let shown = tags.map(|tag| json!({ "name": text(&tag.name), "value": text(&tag.value) }));
    shown.collect()
}

pub(crate) fn text_tags(tags: &[Tag]) -> Vec<TextTag> {
    let tags = tags.iter().map(|tag| TextTag {
        name: text(&tag.name),
        value: text(&tag.value),
    });
    tags.collect()
}

/// The anchor of a message in a schedule: `null` when there is none, and when it is not UTF-8.
pub(crate) fn message_anchor(anchor: &[u8]) -> Option<String> {
    whole_text(anchor).filter(|text| !text.is_empty())
}

/// The anchor of an item at the gateway: text as it is, and other bytes in base64url.
pub(crate) fn anchor(anchor: &[u8]) -> String {
    match std::str::from_utf8(anchor) {
        Ok(text) if !text.chars().any(char::is_control) => text.into(),
        _ => to_base64url(anchor),
    }
}

/// Bytes that are not text become U+FFFD: JSON has no others, and neither has what modules read.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Text, or nothing.
pub(crate) fn whole_text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}
