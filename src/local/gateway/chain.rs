//! Blocks and the state of the network, as Arweave's nodes describe them. The local network has no chain: blocks follow from
//! the time of day, and a transaction is in the block of the time at which it arrived.

use serde_json::{Value, json};

use super::catalogue::Catalogue;
use crate::arweave::{from_base64url, to_base64url};
use crate::local::blocks::Blocks;
use crate::local::context::NetworkContext;
use crate::local::http::{HttpError, HttpResult, Response};
use crate::local::json;
use crate::local::path_and_query;
use crate::local::platform::Platform;

/// `/info`: the network, its newest block, and the address of its key.
pub(crate) fn info<P: Platform>(context: &NetworkContext<P>) -> Response {
    let now = context.platform.now();
    let height = context.options.blocks.height(now);
    Response::json(
        200,
        &Value::Object(json::object(vec![
            ("network", "aoxide.local".into()),
            ("version", 1.into()),
            ("release", 1.into()),
            ("height", height.into()),
            ("current", block_id(height).into()),
            ("blocks", (height + 1).into()),
            ("peers", 0.into()),
            ("queue_length", 0.into()),
            ("node_state_latency", 0.into()),
            ("timestamp", now.into()),
            ("address", context.address.to_string().into()),
        ])),
    )
}

/// `/block/current`, `/block/height/:height`, `/block/hash/:id`.
pub(crate) async fn block<P: Platform>(
    context: &NetworkContext<P>,
    catalogue: &mut Catalogue,
    path: &[&str],
) -> HttpResult<Response> {
    let blocks = &context.options.blocks;
    let newest = blocks.height(context.platform.now());
    let height = match path {
        ["current"] => Some(newest),
        ["height", height] => Some(path_and_query::number(height, "The height")?),
        ["hash", id] => height_of(id),
        _ => None,
    };
    match height.filter(|height| *height <= newest) {
        Some(height) => Ok(Response::json(200, &block_json(context, catalogue, height).await?)),
        None => Err(HttpError::missing("There is no such block")),
    }
}

/// The block at a height, as nodes describe it.
pub(crate) async fn block_json<P: Platform>(
    context: &NetworkContext<P>,
    catalogue: &mut Catalogue,
    height: u64,
) -> HttpResult<Value> {
    let blocks = &context.options.blocks;
    let mut ids = Vec::new();
    let mut weave = 0;
    let mut size = 0;
    for item in catalogue.list(context).await?.filter(|item| item.is_transaction) {
        let at = blocks.height(item.timestamp);
        weave += if at <= height { item.size } else { 0 };
        if at == height {
            size += item.size;
            ids.push(item.id.to_string());
        }
    }
    let id = block_id(height);
    let time = blocks.time(height) / 1000;
    let poa = json!({ "option": "1", "tx_path": "", "data_path": "", "chunk": "" });
    Ok(Value::Object(json::object(vec![
        ("nonce", "".into()),
        ("previous_block", previous(height).into()),
        ("timestamp", time.into()),
        ("last_retarget", time.into()),
        ("diff", "0".into()),
        ("height", height.into()),
        ("hash", (&*id).into()),
        ("indep_hash", id.into()),
        ("txs", ids.into()),
        ("tx_root", "".into()),
        ("tx_tree", Value::Array(Vec::new())),
        ("wallet_list", "".into()),
        ("reward_addr", "unclaimed".into()),
        ("tags", Value::Array(Vec::new())),
        ("reward_pool", "0".into()),
        ("weave_size", weave.to_string().into()),
        ("block_size", size.to_string().into()),
        ("cumulative_diff", "0".into()),
        ("hash_list_merkle", "".into()),
        ("poa", poa),
    ])))
}

/// A block as a node of GraphQL.
pub(crate) fn block_node(height: u64, blocks: &Blocks) -> Value {
    json!({
        "id": block_id(height), "timestamp": blocks.time(height) / 1000, "height": height, "previous": previous(height)
    })
}

/// The id of a block: 48 bytes that begin with its height.
pub(crate) fn block_id(height: u64) -> String {
    let mut id = [0; 48];
    id[..8].copy_from_slice(&height.to_be_bytes());
    to_base64url(&id)
}

/// The height of the block with this id.
pub(crate) fn height_of(id: &str) -> Option<u64> {
    let height = u64::from_be_bytes(*from_base64url(id)?.first_chunk()?);
    (block_id(height) == id).then_some(height)
}

fn previous(height: u64) -> String {
    height.checked_sub(1).map(block_id).unwrap_or_default()
}
