//! Routes of the gateway: data by id, uploads, searches.

use serde_json::{Value, json};

use super::catalogue::Catalogue;
use super::{chain, search, transactions};
use crate::arweave::Id;
use crate::local::admission::{require_item, verify_item};
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::hyperbeam::{Codec, Resolved, message_of};
use crate::local::path_and_query::{self, PathAndQuery};
use crate::local::platform::Platform;
use crate::local::store::found;
use crate::local::store::items;
use crate::local::tags;
use crate::local::units::LocalUnits;

/// Answers a request at a path that no other unit has.
pub(crate) async fn handle<P: Platform>(
    units: &mut LocalUnits<P>,
    catalogue: &mut Catalogue,
    request: &Request,
    target: &PathAndQuery,
    path: &[&str],
) -> HttpResult<Response> {
    let context = &units.context;
    match (request.method.as_str(), path) {
        ("GET", [] | ["info"]) => Ok(chain::info(context)),
        ("GET", ["block", rest @ ..]) => chain::block(context, catalogue, rest).await,
        ("GET", ["peers"]) => Ok(Response::json(200, &Value::Array(Vec::new()))),
        ("POST", ["graphql"]) => Ok(search::handle(units, catalogue, &request.body).await),
        ("POST", ["tx"] | ["tx", "arweave"] | ["v1", "tx"] | ["v1", "tx", "arweave"]) => upload(units, request).await,
        ("POST", ["chunk"]) => transactions::post_chunk(context, catalogue, &request.body).await,
        ("GET", ["chunk", offset]) => transactions::chunk(context, offset).await,
        ("GET", ["tx_anchor"]) => {
            let height = context.options.blocks.height(context.platform.now());
            Ok(Response::text(chain::block_id(height)))
        }
        ("GET", ["price", ..] | ["wallet", _, "balance"]) => Ok(Response::text("0")),
        ("GET", ["wallet", address, "last_tx"]) => transactions::last_of(context, catalogue, address).await,
        ("GET", ["raw", id] | [id]) => data(units, id, target).await,
        ("GET", ["tx", id, rest @ ..]) => transactions::read(context, id, rest).await,
        ("GET", _) => Err(HttpError::missing("There is nothing at this path")),
        (method, _) => Err(HttpError::method_not_allowed(method)),
    }
}

/// The data of an item. With the parameter `require-codec` of HyperBEAM nodes, the whole signed item, or its fields as JSON.
/// Signed HTTP messages have fields too, but no data of their own.
async fn data<P: Platform>(units: &LocalUnits<P>, id: &str, target: &PathAndQuery) -> HttpResult<Response> {
    let id = path_and_query::id(id, "The id")?;
    let platform = &units.context.platform;
    if target.get("require-codec") == Some("ans104@1.0") {
        let stored = require_item(&units.context, &id).await?;
        return Ok(Response::new(200, "application/ans104", stored.item.as_bytes()));
    }
    if matches!(target.get("require-codec"), Some("application/json" | "json@1.0")) {
        let stored = match items::get(platform, &id).await? {
            None => items::get_http_message(platform, &id).await?.map(|(stored, _)| stored),
            stored => stored,
        };
        if let Some(stored) = stored {
            let message = message_of(&stored.item);
            return Ok(Codec { json: true }.respond(200, Resolved::Message(message)));
        }
    }
    if let Some(found) = found::find(platform, &id).await? {
        let content_type = tags::value(found.tags(), "Content-Type").filter(|value| is_header_value(value));
        let content_type = content_type.unwrap_or("application/octet-stream");
        return match found.data(platform).await? {
            Some(data) => Ok(Response::new(200, content_type, data)),
            None => Err(HttpError::missing(format!(
                "Chunks of the data of {id} are missing. Upload them"
            ))),
        };
    }
    match units.compute.modules().source(&id).await? {
        Some(source) => Ok(Response::new(200, "application/wasm", source.bytes)),
        None => Err(HttpError::missing(format!("There is no item {id} in this network"))),
    }
}

/// Stores a transaction in JSON, or a signed item that is not sent to a process: a module, or data.
async fn upload<P: Platform>(units: &LocalUnits<P>, request: &Request) -> HttpResult<Response> {
    // An item begins with the number of its signature type.
    if request.body.starts_with(b"{") {
        return transactions::post(&units.context, &request.body).await;
    }
    let platform = &units.context.platform;
    let item = verify_item(platform, &request.body).await?;
    let now = platform.now();
    items::insert(platform, &item, now).await?;
    let id = item.id().to_string();
    let owner = Id::of(item.head().owner()).to_string();
    let body = json!({ "id": id, "owner": owner, "timestamp": now });
    Ok(Response::json(200, &body))
}

/// Whether text can be the value of a header.
fn is_header_value(text: &str) -> bool {
    text.len() < 256 && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}
