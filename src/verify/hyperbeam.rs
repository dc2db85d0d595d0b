//! The schedule of a HyperBEAM node (September to November 2025), as bundled JSON.
//!
//! Messages are verified by their `ans104@1.0` commitments, and their order by the chain. Assignments of September 2025 have a
//! signature, which is verified. Those of November 2025 have a hash with a public key only: slots, timestamps and block
//! heights are the node's word there, and so is the chain as a whole. It proves only that a node did not change the order
//! afterwards.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::failure::failure;
use super::item::{Signed, anchors_of, signed_tags};
use crate::ans104::{DataDigest, SignatureType};
use crate::arweave::{Id, from_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Json, TextTag};

/// A slot of a node's schedule. Nothing of it is verified when it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeEntry {
    pub slot: u64,
    pub process: String,
    /// Milliseconds since 1970, by the node's clock.
    pub timestamp: u64,
    pub block_height: u64,
    /// Absent on nodes whose assignments have a `base-hashpath`.
    pub hash_chain: Option<String>,
    /// Of nodes since version 0.9.
    pub base_hashpath: Option<String>,
    /// All fields of the assignment but its message, with its commitments.
    pub assignment: Map<String, Value>,
    /// The message: its fields and its commitments.
    pub body: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct WireEntry {
    slot: u64,
    process: String,
    timestamp: u64,
    block_height: u64,
    hash_chain: Option<String>,
    base_hashpath: Option<String>,
    body: Map<String, Value>,
}

/// Reads a schedule: a reply to `schedule?require-codec=application/json&accept-bundle=true`. The entries are sorted by slot.
///
/// # Errors
/// `BadResponse` where it has another shape.
pub fn node_page_of(answer: &Json) -> Result<Vec<NodeEntry>> {
    let bad = |what: &str| {
        let message = format!("The node's answer is not a bundled schedule: {what}");
        Error::new(ErrorKind::BadResponse, message)
    };
    let mut page: Value = answer.parse()?;
    // Nodes of November 2025 wrap it.
    if page.get("assignments").is_none() {
        page = page.get_mut("body").map(Value::take).unwrap_or_default();
    }
    let Some(Value::Object(assignments)) = page.get_mut("assignments").map(Value::take) else {
        return Err(bad("it has no \"assignments\""));
    };
    let mut entries = Vec::with_capacity(assignments.len());
    // The other keys of the map are its own commitments.
    for (key, value) in assignments.into_iter().filter(|(key, _)| key.parse::<u64>().is_ok()) {
        let entry: WireEntry = serde_json::from_value(value.clone()).map_err(|error| bad(&error.to_string()))?;
        let mut assignment = value.as_object().cloned().unwrap_or_default();
        assignment.remove("body");
        if entry.slot.to_string() != key {
            return Err(bad(&format!("slot {} is under the key {key}", entry.slot)));
        }
        entries.push(NodeEntry {
            slot: entry.slot,
            process: entry.process,
            timestamp: entry.timestamp,
            block_height: entry.block_height,
            hash_chain: entry.hash_chain,
            base_hashpath: entry.base_hashpath,
            assignment,
            body: entry.body,
        });
    }
    entries.sort_by_key(|entry| entry.slot);
    Ok(entries)
}

impl NodeEntry {
    /// Verifies the message by its `ans104@1.0` commitment. Returns its id and signature type.
    ///
    /// # Errors
    /// `VerifySignature` for a message without such a commitment, and for one to which it does not belong.
    pub fn check_message(&self) -> Result<(Id, SignatureType)> {
        let refused = |what: &str| failure(ErrorKind::VerifySignature, self.slot, what);
        let commitments = self.body.get("commitments").and_then(Value::as_object);
        let commitment = commitments.into_iter().flatten().find(|(_, commitment)| {
            commitment["commitment-device"] == "ans104@1.0" && commitment["signature"].is_string()
        });
        let Some((id, commitment)) = commitment else {
            return Err(refused("has a message that no data item's signature covers"));
        };
        let text = |name: &str| commitment[name].as_str().unwrap_or_default();
        let bytes = |text: &str| from_base64url(text).unwrap_or_default();
        let signature = bytes(text("signature"));
        let key = text("keyid");
        let data = self.body.get("data").and_then(Value::as_str).unwrap_or_default();
        let signed = Signed {
            signature: &signature,
            owner: &bytes(key.strip_prefix("publickey:").unwrap_or(key)),
            target: &bytes(text("field-target")),
            tags: &signed_tags(&original_tags(&commitment["original-tags"])),
            data: DataDigest::of(data.as_bytes()),
        };
        let computed = Id::of(&signature);
        if computed.to_string() != *id {
            return Err(refused("has a message whose id is not the hash of its signature"));
        }
        if !self.shows(&original_tags(&commitment["original-tags"])) {
            return Err(refused("has a message whose fields were changed after it was signed"));
        }
        let mut anchors = anchors_of(Some(text("field-anchor"))).into_iter();
        match anchors.find_map(|anchor| signed.type_with(&anchor)) {
            Some(kind) => Ok((computed, kind)),
            None => Err(refused("has a message to which its signature does not belong")),
        }
    }

    /// Whether the message's fields have the values of the signed tags.
    fn shows(&self, tags: &[TextTag]) -> bool {
        tags.iter()
            .all(|tag| match self.body.get(&tag.name.to_ascii_lowercase()) {
                Some(Value::String(value)) => tags
                    .iter()
                    .any(|other| other.name.eq_ignore_ascii_case(&tag.name) && other.value == *value),
                // Values with types, which `ao-types` names.
                _ => true,
            })
    }
}

/// The tags of the item, which are a list or a map with the numbers from 1 on as keys.
fn original_tags(tags: &Value) -> Vec<TextTag> {
    let tag = |value: &Value| serde_json::from_value(value.clone()).ok();
    match tags {
        Value::Array(tags) => tags.iter().filter_map(tag).collect(),
        Value::Object(map) => {
            let numbered = (1..=map.len()).map_while(|number| map.get(&number.to_string()));
            numbered.filter_map(tag).collect()
        }
        _ => Vec::new(),
    }
}
