//! Signed items from a gateway.

use serde_json::json;

use super::item::{ItemParts, anchors_of, signed_tags};
use crate::ans104::DataItem;
use crate::arweave::{Id, from_base64url};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, Timers};
use crate::protocol::JsonTree;

const ITEM: &str = "query GetItem($ids: [ID!]!) { transactions(ids: $ids) { edges { node { id signature anchor recipient \
    owner { key address } tags { name value } } } } }";

/// A gateway. Nothing that it returns is believed: an item counts only if its signature and its id belong to it.
pub struct Gateway<'a, H, D> {
    pub(super) client: &'a Client<H>,
    pub(super) downloads: &'a D,
    /// The address, to which `/raw/{id}` is appended.
    pub(super) address: String,
}

impl<'a, H: Http + Clock + Timers, D: Download> Gateway<'a, H, D> {
    /// `client` sends the queries, to its GraphQL address.
    pub fn new(client: &'a Client<H>, downloads: &'a D, address: &str) -> Self {
        let address = address.trim_end_matches('/').to_string();
        Self {
            client,
            downloads,
            address,
        }
    }

    /// The data of a transaction. It is not verified.
    ///
    /// # Errors
    /// Those of [`Download::download`].
    pub async fn data(&self, id: &Id) -> Result<Vec<u8>> {
        self.downloads.download(&format!("{}/raw/{id}", self.address)).await
    }

    /// Reads an item and verifies it: its id is the hash of its signature, and the signature belongs to its parts. Transactions
    /// of the base layer are verified likewise.
    ///
    /// # Errors
    /// `VerifyData` for an item that is not the one with this id; `NotFound`; those of the requests.
    pub async fn item(&self, id: &Id) -> Result<ItemParts> {
        self.item_with(id, self.data(id).await?).await
    }

    /// As [`item`](Self::item), with data that is at hand already.
    ///
    /// # Errors
    /// As [`item`](Self::item).
    pub async fn item_with(&self, id: &Id, data: Vec<u8>) -> Result<ItemParts> {
        // Some sources return the item itself, and not its data.
        if let Ok(item) = DataItem::parse(data.clone()) {
            let parts = ItemParts::from(&item);
            if parts.id() == *id && item.verify(false).valid {
                return Ok(parts);
            }
        }
        let node = self.node(id).await?;
        let mut candidates = candidates(&node, data.clone());
        if let Some(parts) = candidates.find(|parts| parts.id() == *id && parts.signature_type().is_some()) {
            return Ok(parts);
        }
        self.transaction(id, data).await.ok_or_else(|| {
            let message = format!(
                "The gateway's item {id} is not the one with this id, or its signature does not belong to it. Use another \
                 gateway"
            );
            Error::new(ErrorKind::VerifyData, message).with_text("id", id.to_string())
        })
    }

    /// What the gateway's GraphQL shows of an item. It is not verified.
    ///
    /// # Errors
    /// `NotFound`; those of the requests.
    pub(super) async fn node(&self, id: &Id) -> Result<JsonTree> {
        let query = json!({ "query": ITEM, "variables": { "ids": [id.to_string()] } });
        let edges = self.client.query_transactions(query.to_string()).await?;
        edges
            .into_iter()
            .next()
            .and_then(|edge| edge.get("node").cloned())
            .ok_or_else(|| {
                let message = format!("The gateway does not know the item {id}. Use another gateway");
                Error::new(ErrorKind::NotFound, message).with_text("id", id.to_string())
            })
    }
}

/// The items that a gateway may mean by what it shows: it may write the anchor as text, or in base64url.
fn candidates(node: &JsonTree, data: Vec<u8>) -> impl Iterator<Item = ItemParts> {
    let text = |path: &[&str]| node.at(path).and_then(JsonTree::text).unwrap_or_default();
    let bytes = |path: &[&str]| from_base64url(text(path)).unwrap_or_default();
    let tags = node.get("tags").map(JsonTree::tags).unwrap_or_default();
    let parts = ItemParts {
        signature: bytes(&["signature"]),
        owner: bytes(&["owner", "key"]),
        target: bytes(&["recipient"]),
        anchor: Vec::new(),
        tags: signed_tags(&tags),
        data,
    };
    anchors_of(Some(text(&["anchor"])))
        .into_iter()
        .map(move |anchor| ItemParts {
            anchor,
            ..parts.clone()
        })
}
