//! The gateway: data by id, uploads, and searches.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use crate::ans104::Tag;
use crate::arweave::{Id, to_base64url};
use crate::error::{ErrorKind, Result};
use crate::local::blocks::Blocks;
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::hyperbeam::reply::{Codec, Shown};
use crate::local::hyperbeam::state::message_of;
use crate::local::json as shown;
use crate::local::network::{Event, Network, id_of};
use crate::local::path_and_query as route;
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::tag;
use crate::local::store::records as store;
use crate::local::store::records::Kept;

/// What searches look at, of every item that is kept: read when it is first asked for.
#[derive(Default)]
pub(crate) struct Catalogue {
    seen: HashSet<Id>,
    /// By time, and then by id.
    entries: BTreeMap<(u64, String), Listed>,
}

/// An item in the catalogue.
pub(crate) struct Listed {
    pub id: Id,
    pub owner: Id,
    pub recipient: String,
    pub tags: Vec<Tag>,
    pub timestamp: u64,
}

impl<H: Platform> Network<H> {
    /// Answers everything that no other unit does.
    pub(crate) async fn gateway(
        &mut self,
        request: &Request,
        route: &PathAndQuery,
        path: &[&str],
    ) -> HttpResult<Response> {
        match (request.method.as_str(), path) {
            ("GET", [] | ["info"]) => Ok(self.info()),
            ("POST", ["graphql"]) => self.graphql(&request.body).await,
            ("POST", ["tx"] | ["tx", "arweave"] | ["v1", "tx"] | ["v1", "tx", "arweave"]) => self.upload(request).await,
            ("GET", ["tx_anchor"]) => Ok(Response::text(to_base64url(&[0; 32]))),
            ("GET", ["price", ..]) | ("GET", ["wallet", _, "balance"]) => Ok(Response::text("0")),
            ("GET", ["raw", id] | [id] | ["tx", id, "data"]) => self.data(id, route).await,
            ("GET", ["tx", id]) => {
                let kept = self.stored(&route::id(id, "The id")?).await?;
                Ok(Response::json(200, &shown::transaction(&kept)))
            }
            ("GET", _) => Err(HttpError::missing("There is nothing at this path")),
            (method, _) => Err(HttpError::method(method)),
        }
    }

    fn info(&self) -> Response {
        let now = self.platform.now();
        let body = json!({
            "network": "aoxide.local", "version": 1, "height": self.options.blocks.height(now), "timestamp": now,
            "address": self.address.to_string()
        });
        Response::json(200, &body)
    }

    /// The data of an item. For those who ask as they ask a HyperBEAM node: the whole of it, as it was signed, or its fields
    /// as JSON, which signed HTTP messages have, too.
    async fn data(&mut self, id: &str, route: &PathAndQuery) -> HttpResult<Response> {
        let id = route::id(id, "The id")?;
        if route.get("require-codec") == Some("ans104@1.0") {
            let kept = self.stored(&id).await?;
            return Ok(Response::new(200, "application/ans104", kept.item.as_bytes()));
        }
        if matches!(route.get("require-codec"), Some("application/json" | "json@1.0")) {
            let kept = match store::item(&*self.platform, &id).await? {
                None => store::http_message(&*self.platform, &id).await?.map(|(kept, _)| kept),
                kept => kept,
            };
            if let Some(kept) = kept {
                let message = message_of(&kept.item);
                return Ok(Codec { json: true }.reply(200, Shown::Message(message)));
            }
        }
        if let Some(Kept { item, .. }) = store::item(&*self.platform, &id).await? {
            let kind = tag(item.head().tags(), "Content-Type").filter(|kind| is_header(kind));
            let kind = kind.unwrap_or("application/octet-stream").to_owned();
            return Ok(Response::new(200, &kind, item.data()));
        }
        match self.module_source(&id).await? {
            Some(source) => Ok(Response::new(200, "application/wasm", source.bytes)),
            None => Err(HttpError::missing(format!("There is no item {id} in this network"))),
        }
    }

    /// Keeps a signed item that is for no process: a module, or data.
    async fn upload(&mut self, request: &Request) -> HttpResult<Response> {
        let is_json = request.header("content-type").is_some_and(|kind| kind.contains("json"));
        if is_json {
            let message = "Transactions of Arweave's own are not taken here. Upload a signed data item (ANS-104)";
            return Err(HttpError::new(400, ErrorKind::Unsupported, message));
        }
        let item = self.admit(&request.body).await?;
        let now = self.platform.now();
        store::keep_item(&*self.platform, &item, now).await?;
        let id = item.id().to_string();
        let owner = Id::of(item.head().owner()).to_string();
        Ok(Response::json(
            200,
            &json!({ "id": id, "owner": owner, "timestamp": now }),
        ))
    }

    /// Whatever is kept, in order of time.
    pub(crate) async fn listed(&mut self) -> Result<impl DoubleEndedIterator<Item = &Listed>> {
        for name in self.platform.names("item/").await? {
            let Some(id) = id_of(&name).filter(|id| !self.catalogue.seen.contains(id)) else {
                continue;
            };
            if let Some(kept) = self.whole_item(&id).await? {
                let listed = Listed::of(&kept);
                let key = (listed.timestamp, id.to_string());
                self.catalogue.entries.insert(key, listed);
            }
            self.catalogue.seen.insert(id);
        }
        Ok(self.catalogue.entries.values())
    }

    /// An item for a search. One that is damaged is not found, and an event says so.
    pub(crate) async fn whole_item(&mut self, id: &Id) -> Result<Option<Kept>> {
        match store::item(&*self.platform, id).await {
            Err(error) if store::is_damage(&error) => {
                self.note(Event::new("damaged", *id, *id).with_detail(error.message()));
                Ok(None)
            }
            kept => kept,
        }
    }

    /// Whether some process names this scheduler: all of them have the same one.
    pub(crate) async fn is_scheduler(&mut self, address: &str) -> Result<bool> {
        let names = |tags: &[Tag]| tag(tags, "Scheduler") == Some(address);
        if self.address.to_string() == address || self.schedules.values().any(|known| names(&known.tags)) {
            return Ok(true);
        }
        for name in self.platform.names("process/").await? {
            let Some(process) = id_of(&name).filter(|id| !self.schedules.contains_key(id)) else {
                continue;
            };
            let kept = self.whole_item(&process).await?;
            if kept.is_some_and(|kept| names(kept.item.head().tags())) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Listed {
    pub(crate) fn of(kept: &Kept) -> Self {
        let head = kept.item.head();
        Self {
            id: kept.item.id(),
            owner: Id::of(head.owner()),
            recipient: to_base64url(head.target()),
            tags: head.tags().to_vec(),
            timestamp: kept.timestamp,
        }
    }
}

/// An item, as a gateway's index has it.
pub(crate) fn node(kept: &Kept, blocks: &Blocks) -> Value {
    let head = kept.item.head();
    let kind = tag(head.tags(), "Content-Type");
    let mut node = bare_node(&kept.item.id().to_string(), head.tags(), kept.timestamp, blocks);
    node["anchor"] = shown::anchor(head.anchor()).into();
    node["signature"] = to_base64url(head.signature()).into();
    node["recipient"] = to_base64url(head.target()).into();
    node["owner"] = shown::owner(head.owner());
    node["data"] = json!({ "size": kept.item.data().len().to_string(), "type": kind });
    node
}

/// What has an id and tags, but is no item.
pub(crate) fn bare_node(id: &str, tags: &[Tag], timestamp: u64, blocks: &Blocks) -> Value {
    let none = json!({ "winston": "0", "ar": "0.000000000000" });
    let height = blocks.height(timestamp);
    json!({
        "id": id, "anchor": "", "signature": "", "recipient": "", "owner": { "address": "", "key": "" },
        "fee": none, "quantity": none, "data": { "size": "0", "type": null }, "tags": shown::tags(tags),
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

/// What is fit to be a header's value.
fn is_header(text: &str) -> bool {
    text.len() < 256 && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}
