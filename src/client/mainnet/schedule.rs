//! Reads pages of a process's schedule, and results, for a light client.

use super::payload::JSON_QUERY;
use crate::arweave::Id;
use crate::client::http::{get, json};
use crate::error::Result;
use crate::platform::{Http, Unit};
use crate::protocol::Json;

/// Requests the slots from `from` to `to`, both inclusive, as bundled JSON.
///
/// # Errors
/// `HttpNetwork`, `HttpStatus`, `BadResponse`.
pub(crate) async fn schedule_page<H: Http>(platform: &H, node: &str, process: &Id, from: u64, to: u64) -> Result<Json> {
    let node = node.trim_end_matches('/');
    let url = format!("{node}/{process}~process@1.0/schedule?from={from}&to={to}&{JSON_QUERY}");
    json(platform, get(url, Some(Unit::Node))).await
}

/// Requests the result of a slot, as bundled JSON.
///
/// # Errors
/// `HttpNetwork`, `HttpStatus`, `BadResponse`.
pub(crate) async fn slot_result<H: Http>(platform: &H, node: &str, process: &Id, slot: u64) -> Result<Json> {
    let node = node.trim_end_matches('/');
    // Nodes ignore a slot that is behind `results`.
    let url = format!("{node}/{process}~process@1.0/compute&slot={slot}/results?{JSON_QUERY}");
    json(platform, get(url, Some(Unit::Node))).await
}
