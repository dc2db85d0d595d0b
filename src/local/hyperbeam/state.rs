//! The state of a process as a HyperBEAM node returns it under `now` and `compute`: its definition, what it has published,
//! and the result of the last message.

use serde_json::{Map, Value, json};

use super::published::published_after;
use crate::ans104::DataItem;
use crate::arweave::{Id, to_base64url};
use crate::error::Result;
use crate::local::json::{object, text};
use crate::local::platform::Platform;
use crate::local::store::items;
use crate::local::units::LocalUnits;
use crate::protocol::patch::{flatten, is_patch};

/// The state after an entry.
pub(crate) async fn state_after<P: Platform>(
    units: &mut LocalUnits<P>,
    process: &Id,
    index: usize,
) -> Result<Map<String, Value>> {
    let result = units.stored_result(process, index).await?.result;
    state_with_result(units, process, index, result.get()).await
}

/// The state after an entry, but with another result.
pub(crate) async fn state_with_result<P: Platform>(
    units: &mut LocalUnits<P>,
    process: &Id,
    index: usize,
    result: &str,
) -> Result<Map<String, Value>> {
    let stored = items::require(&units.context.platform, process).await?;
    let mut definition = message_of(&stored.item);
    definition.insert("device".into(), "process@1.0".into());
    definition
        .entry("execution-device")
        .or_insert_with(|| "genesis-wasm@1.0".into());
    let mut state = definition.clone();
    state.insert("initialized".into(), "true".into());
    state.insert("input-prefix".into(), "process".into());
    for (name, value) in published_after(units, process, index).await? {
        state.insert(name, value);
    }
    // A node writes these keys itself at each slot, whatever the process has published.
    for (name, value) in [
        ("device", "process@1.0".into()),
        ("process", Value::Object(definition)),
        ("at-slot", units.scheduler.entry(process, index)?.nonce.into()),
        ("results", results_of(result).into()),
    ] {
        state.insert(name.into(), value);
    }
    Ok(state)
}

/// A result as the device `genesis-wasm@1.0` returns it. The JSON of a legacy compute unit is in `json.body`.
pub(crate) fn results_of(result: &str) -> Map<String, Value> {
    let raw: Value = serde_json::from_str(result).unwrap_or(Value::Null);
    let data = [&raw["Error"], &raw["Output"]["data"], &raw["Output"]];
    let data = data
        .into_iter()
        .find(|data| !data.is_null() && (!data.is_object() || *data != &raw["Output"]));
    let messages = raw["Messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let outbox: Vec<Value> = messages
        .iter()
        .filter(|part| !is_patch(part))
        .map(|part| Value::Object(flatten(part)))
        .collect();
    let patches = raw.get("Patches").cloned();
    object(vec![
        ("data", data.cloned().unwrap_or_else(|| "".into())),
        ("json", json!({ "body": result, "content-type": "application/json" })),
        // A node writes a map with numbers for names as a list, and an empty map as a map.
        (
            "outbox",
            if outbox.is_empty() {
                Value::Object(Map::new())
            } else {
                outbox.into()
            },
        ),
        ("patches", patches.unwrap_or_else(|| Value::Array(Vec::new()))),
    ])
}

/// An item as a node's message. Names are in lower case (ASCII). Of several tags with the same name, the first one counts.
pub(crate) fn message_of(item: &DataItem) -> Map<String, Value> {
    let head = item.head();
    let mut message = Map::new();
    for tag in head.tags() {
        message
            .entry(text(&tag.name).to_ascii_lowercase())
            .or_insert_with(|| text(&tag.value).into());
    }
    if !item.data().is_empty() {
        message.insert("data".into(), text(item.data()).into());
    }
    for (name, bytes) in [("target", head.target()), ("anchor", head.anchor())] {
        if !bytes.is_empty() {
            message.insert(name.into(), to_base64url(bytes).into());
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_a_result_is_its_error_or_its_output() {
        for (result, data) in [
            (r#"{"Output":{"data":"42"}}"#, json!("42")),
            (r#"{"Output":""}"#, json!("")),
            (r#"{"Output":"said","Error":"oops"}"#, json!("oops")),
            (r#"{"Output":{}}"#, json!("")),
            (r#"{"Output":{"data":{"json":1}}}"#, json!({ "json": 1 })),
        ] {
            assert_eq!(results_of(result)["data"], data, "{result}");
        }
    }
}
