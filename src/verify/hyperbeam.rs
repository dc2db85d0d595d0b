//! The schedule of a HyperBEAM node (September to November 2025), as bundled JSON.
//!
//! Messages are verified by their `ans104@1.0` commitments, and their order by the chain. Assignments of September 2025 have a
//! signature, which is verified. Those of November 2025 have a hash with a public key only: slots, timestamps and block
//! heights are the node's word there, and so is the chain as a whole. It proves only that a node did not change the order
//! afterwards.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Json;

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
