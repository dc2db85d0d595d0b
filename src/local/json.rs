//! Items and assignments in JSON, as scheduler units and gateways write them.

use serde_json::{Map, Value, json};

use super::blocks::Blocks;
use super::store::items::StoredItem;
use crate::ans104::{DataItem, Tag};
use crate::arweave::{Id, to_base64url};
use crate::protocol::TextTag;

/// Builds a JSON object. Unlike `collect`, which sorts and generates code for each iterator type, this adds little code.
pub(crate) fn object(members: Vec<(&str, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.into(), value);
    }
    object
}

/// A message of a schedule. Bytes of its data that are not UTF-8 become U+FFFD.
pub(crate) fn message(item: &DataItem) -> Value {
    schedule_item(item, text(item.data()).into())
}

/// The process's own item. Its data is `null` when it is not UTF-8.
pub(crate) fn process_item(item: &DataItem) -> Value {
    schedule_item(item, valid_text(item.data()).into())
}

fn schedule_item(item: &DataItem, data: Value) -> Value {
    let mut message = signed(item);
    message["data"] = data;
    message["anchor"] = message_anchor(item.head().anchor()).into();
    message["target"] = match item.head().target() {
        [] => Value::Null,
        target => to_base64url(target).into(),
    };
    message
}

/// An assignment. Its anchor is `null` unless the request asks for it.
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

fn signed(item: &DataItem) -> Value {
    let head = item.head();
    json!({
        "id": item.id().to_string(),
        "owner": owner(head.owner()),
        "tags": tags(head.tags()),
        "signature": to_base64url(head.signature())
    })
}

/// A process as a scheduler unit describes it under `/processes/:id`.
pub(crate) fn process(stored: &StoredItem, blocks: &Blocks) -> Value {
    let mut process = process_item(&stored.item);
    process["process_id"] = process["id"].take();
    process["block"] = blocks.padded(stored.timestamp).into();
    process["timestamp"] = stored.timestamp.into();
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
    let tags = tags.map(|tag| json!({ "name": text(&tag.name), "value": text(&tag.value) }));
    tags.collect()
}

pub(crate) fn text_tags(tags: &[Tag]) -> Vec<TextTag> {
    let tags = tags.iter().map(|tag| TextTag {
        name: text(&tag.name),
        value: text(&tag.value),
    });
    tags.collect()
}

/// The anchor of a message in a schedule: `null` when it is empty or not UTF-8.
pub(crate) fn message_anchor(anchor: &[u8]) -> Option<String> {
    valid_text(anchor).filter(|text| !text.is_empty())
}

/// The anchor of an item at a gateway: text unchanged, other bytes in base64url.
pub(crate) fn anchor(anchor: &[u8]) -> String {
    match std::str::from_utf8(anchor) {
        Ok(text) if !text.chars().any(char::is_control) => text.into(),
        _ => to_base64url(anchor),
    }
}

/// Bytes as text. Bytes that are not UTF-8 become U+FFFD: neither JSON nor the input of modules can hold them.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Bytes as text, or `None` when they are not UTF-8.
pub(crate) fn valid_text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// A name in title case, as legacy units write it: `block-hash` becomes `Block-Hash`.
pub(crate) fn title_case(name: &str) -> String {
    let mut is_first = true;
    let name = name.chars().map(|character| {
        let upper = std::mem::replace(&mut is_first, character == '-');
        if upper {
            character.to_ascii_uppercase()
        } else {
            character
        }
    });
    name.collect()
}

#[cfg(test)]
mod tests {
    use super::title_case;

    #[test]
    fn title_case_capitalizes_each_word() {
        assert_eq!(title_case("block-hash"), "Block-Hash");
        assert_eq!(title_case("x-y_z"), "X-Y_z");
        assert_eq!(title_case(""), "");
    }
}
