//! Items as nodes of a gateway's GraphQL.

use serde_json::{Value, json};

use crate::ans104::Tag;
use crate::arweave::to_base64url;
use crate::local::blocks::Blocks;
use crate::local::json;
use crate::local::store::items::StoredItem;
use crate::local::tags;

/// The node of an item.
pub(crate) fn item_node(stored: &StoredItem, blocks: &Blocks) -> Value {
    let head = stored.item.head();
    let content_type = tags::value(head.tags(), "Content-Type");
    let mut node = bare_node(&stored.item.id().to_string(), head.tags(), stored.timestamp, blocks);
    node["anchor"] = json::anchor(head.anchor()).into();
    node["signature"] = to_base64url(head.signature()).into();
    node["recipient"] = to_base64url(head.target()).into();
    node["owner"] = json::owner(head.owner());
    node["data"] = json!({ "size": stored.item.data().len().to_string(), "type": content_type });
    node
}

/// The node of something that has an id and tags, but is not an item.
pub(crate) fn bare_node(id: &str, tags: &[Tag], timestamp: u64, blocks: &Blocks) -> Value {
    let none = json!({ "winston": "0", "ar": "0.000000000000" });
    let height = blocks.height(timestamp);
    json!({
        "id": id, "anchor": "", "signature": "", "recipient": "", "owner": { "address": "", "key": "" },
        "fee": none, "quantity": none, "data": { "size": "0", "type": null }, "tags": json::tags(tags),
        "block": { "id": to_base64url(&block_id(height)), "timestamp": timestamp / 1000, "height": height,
                   "previous": to_base64url(&block_id(height.saturating_sub(1))) },
        "parent": null, "bundledIn": null
    })
}

fn block_id(height: u64) -> [u8; 48] {
    let mut id = [0; 48];
    id[..8].copy_from_slice(&height.to_be_bytes());
    id
}
