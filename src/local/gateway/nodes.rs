//! What has an id, as nodes of a gateway's GraphQL.

use serde_json::{Value, json};

use super::chain::block_node;
use crate::ans104::Tag;
use crate::arweave::{Id, to_base64url};
use crate::local::blocks::Blocks;
use crate::local::json;
use crate::local::store::found::Found;
use crate::local::tags;

/// The node of an item, a transaction, or data that was added. The data that was added has the owner `address`.
pub(crate) fn node(id: &Id, found: &Found, address: &Id, blocks: &Blocks) -> Value {
    let content_type = tags::value(found.tags(), "Content-Type");
    let mut node = bare_node(&id.to_string(), found.tags(), found.timestamp(), blocks);
    match found {
        Found::Item(stored) => node["anchor"] = json::anchor(stored.item.head().anchor()).into(),
        Found::Transaction(stored) => {
            node["anchor"] = to_base64url(&stored.transaction.last_tx).into();
            node["fee"] = amount(&stored.transaction.reward);
        }
        Found::Added(_) => {}
    }
    node["signature"] = to_base64url(found.signature()).into();
    node["recipient"] = to_base64url(found.target()).into();
    node["owner"] = match found {
        Found::Added(_) => json!({ "address": address.to_string(), "key": "" }),
        _ => json::owner(found.owner()),
    };
    node["data"] = json!({ "size": found.size().to_string(), "type": content_type });
    node
}

/// The node of something that has an id and tags, but is not an item.
pub(crate) fn bare_node(id: &str, tags: &[Tag], timestamp: u64, blocks: &Blocks) -> Value {
    json!({
        "id": id, "anchor": "", "signature": "", "recipient": "", "owner": { "address": "", "key": "" },
        "fee": amount("0"), "quantity": amount("0"), "data": { "size": "0", "type": null }, "tags": json::tags(tags),
        "block": block_node(blocks.height(timestamp), blocks), "ingested_at": timestamp / 1000,
        "parent": null, "bundledIn": null
    })
}

/// An amount in winston, and in AR: 12 digits after the point.
fn amount(winston: &str) -> Value {
    let padded = format!("{winston:0>13}");
    let (whole, part) = padded.split_at(padded.len() - 12);
    json!({ "winston": winston, "ar": format!("{whole}.{part}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amount_has_twelve_digits_after_the_point() {
        assert_eq!(amount("0")["ar"], "0.000000000000");
        assert_eq!(amount("1234567890123")["ar"], "1.234567890123");
    }
}
