//! Routes of the gateway: data by id, uploads, searches.

use serde_json::json;

use super::catalogue::Catalogue;
use super::search;
use crate::arweave::{Id, to_base64url};
use crate::error::ErrorKind;
use crate::local::admission::{require_item, verify_item};
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::hyperbeam::{Codec, Resolved, message_of};
use crate::local::json;
use crate::local::path_and_query::{self, PathAndQuery};
use crate::local::platform::Platform;
use crate::local::store::items::{self, StoredItem};
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
    match (request.method.as_str(), path) {
        ("GET", [] | ["info"]) => Ok(info(units)),
        ("POST", ["graphql"]) => search::handle(units, catalogue, &request.body).await,
        ("POST", ["tx"] | ["tx", "arweave"] | ["v1", "tx"] | ["v1", "tx", "arweave"]) => upload(units, request).await,
        ("GET", ["tx_anchor"]) => Ok(Response::text(to_base64url(&[0; 32]))),
        ("GET", ["price", ..]) | ("GET", ["wallet", _, "balance"]) => Ok(Response::text("0")),
        ("GET", ["raw", id] | [id] | ["tx", id, "data"]) => data(units, id, target).await,
        ("GET", ["tx", id]) => {
            let stored = require_item(&units.context, &path_and_query::id(id, "The id")?).await?;
            Ok(Response::json(200, &json::transaction(&stored)))
        }
        ("GET", _) => Err(HttpError::missing("There is nothing at this path")),
        (method, _) => Err(HttpError::method_not_allowed(method)),
    }
}

fn info<P: Platform>(units: &LocalUnits<P>) -> Response {
    let context = &units.context;
    let now = context.platform.now();
    let body = json!({
        "network": "aoxide.local", "version": 1, "height": context.options.blocks.height(now), "timestamp": now,
        "address": context.address.to_string()
    });
    Response::json(200, &body)
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
    if let Some(StoredItem { item, .. }) = items::get(platform, &id).await? {
        let content_type = tags::value(item.head().tags(), "Content-Type").filter(|value| is_header_value(value));
        let content_type = content_type.unwrap_or("application/octet-stream").to_owned();
        return Ok(Response::new(200, &content_type, item.data()));
    }
    match units.compute.modules().source(&id).await? {
        Some(source) => Ok(Response::new(200, "application/wasm", source.bytes)),
        None => Err(HttpError::missing(format!("There is no item {id} in this network"))),
    }
}

/// Stores a signed item that is not sent to a process: a module, or data.
async fn upload<P: Platform>(units: &LocalUnits<P>, request: &Request) -> HttpResult<Response> {
    let is_json = request
        .header("content-type")
        .is_some_and(|value| value.contains("json"));
    if is_json {
        let message = "Arweave transactions are not supported. Upload a signed data item (ANS-104)";
        return Err(HttpError::new(400, ErrorKind::Unsupported, message));
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
