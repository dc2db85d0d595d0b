//! The state of a process as a HyperBEAM node shows it under `now` and `compute`: what the process is, what it has
//! published, and what the last message came to.

use serde_json::{Map, Value, json};

use crate::ans104::DataItem;
use crate::arweave::{Id, to_base64url};
use crate::error::Result;
use crate::local::http::{HttpError, HttpResult, members};
use crate::local::hyperbeam::patches::is_patch;
use crate::local::hyperbeam::reply::Shown;
use crate::local::json::text;
use crate::local::network::Network;
use crate::local::platform::Platform;
use crate::local::store::records as store;

/// The value at a path. Names are what they are, in the case that they have; entries of lists have numbers, from 1 on.
fn at<'a>(state: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(state, |state, name| match state {
        Value::Object(members) => members.get(*name),
        Value::Array(entries) => entries.get(name.parse::<usize>().ok()?.checked_sub(1)?),
        _ => None,
    })
}

/// What a path leads to from a message.
pub(crate) fn follow(message: Map<String, Value>, path: &[&str]) -> HttpResult<Shown> {
    let (path, serialized) = match path {
        [path @ .., "~json@1.0", "serialize"] | [path @ .., "serialize~json@1.0"] => (path, true),
        path => (path, false),
    };
    let (path, keys) = match path {
        [path @ .., "keys"] => (path, true),
        path => (path, false),
    };
    if path.is_empty() && !keys {
        return Ok(match serialized {
            true => Shown::Serialized(Value::Object(message)),
            false => Shown::Message(message),
        });
    }
    let message = Value::Object(message);
    let found = at(&message, path).filter(|found| !keys || found.is_object());
    let found = found.ok_or_else(|| HttpError::unpublished(path))?;
    let shown = match (keys, found) {
        (false, _) => {
            return Ok(if serialized {
                Shown::Serialized(found.clone())
            } else {
                Shown::Value(found.clone())
            });
        }
        (true, Value::Object(members)) => numbered(members.keys().map(String::as_str)),
        (true, _) => Map::new(),
    };
    Ok(if serialized {
        Shown::Serialized(Value::Object(shown))
    } else {
        Shown::Message(shown)
    })
}

fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    let mut numbered = Map::new();
    for name in names {
        numbered.insert((numbered.len() + 1).to_string(), name.into());
    }
    numbered
}

/// A message in an outbox, as a node reads it: its tags are keys beside the others.
pub(crate) fn flattened(sent: &Value) -> Map<String, Value> {
    let mut message = Map::new();
    for name in ["Target", "Anchor", "Data"] {
        if !sent[name].is_null() {
            message.insert(name.into(), sent[name].clone());
        }
    }
    for tag in sent["Tags"].as_array().map(Vec::as_slice).unwrap_or_default() {
        if let (Some(name), false) = (tag["name"].as_str(), tag["value"].is_null()) {
            message.insert(name.into(), tag["value"].clone());
        }
    }
    message
}

/// What a message came to, as a node has it for `genesis-wasm@1.0`: what a legacy unit answers is in `json.body`.
pub(crate) fn results_of(result: &str) -> Map<String, Value> {
    let raw: Value = serde_json::from_str(result).unwrap_or(Value::Null);
    let data = [&raw["Error"], &raw["Output"]["data"], &raw["Output"]];
    let data = data
        .into_iter()
        .find(|data| !data.is_null() && (!data.is_object() || *data != &raw["Output"]));
    let sent = raw["Messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let outbox: Vec<Value> = sent
        .iter()
        .filter(|sent| !is_patch(sent))
        .map(|sent| Value::Object(flattened(sent)))
        .collect();
    let patches = raw.get("Patches").cloned();
    members(vec![
        ("data", data.cloned().unwrap_or_else(|| "".into())),
        ("json", json!({ "body": result, "content-type": "application/json" })),
        // A map with numbers for names is a list in JSON; without names it is a map.
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

/// An item as the message that a node reads out of it. Names are in lower case (ASCII); of several tags with one name it has the first.
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

impl<H: Platform> Network<H> {
    /// The state after an entry.
    pub(crate) async fn state_after(&mut self, process: &Id, index: usize) -> Result<Map<String, Value>> {
        let result = self.result(process, index).await?;
        self.state_with(process, index, &result).await
    }

    /// The state after an entry, with this result in it.
    pub(crate) async fn state_with(&mut self, process: &Id, index: usize, result: &str) -> Result<Map<String, Value>> {
        let kept = store::named_item(&*self.platform, process).await?;
        let mut definition = message_of(&kept.item);
        definition.insert("device".into(), "process@1.0".into());
        definition
            .entry("execution-device")
            .or_insert_with(|| "genesis-wasm@1.0".into());
        let mut state = definition.clone();
        state.insert("initialized".into(), "true".into());
        state.insert("input-prefix".into(), "process".into());
        for (name, value) in self.published_after(process, index).await? {
            state.insert(name, value);
        }
        // What the node itself writes at each slot.
        for (name, value) in [
            ("device", "process@1.0".into()),
            ("process", Value::Object(definition)),
            ("at-slot", self.entry(process, index)?.nonce.into()),
            ("results", results_of(result).into()),
        ] {
            state.insert(name.into(), value);
        }
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_into_maps_and_lists() {
        let state = json!({ "cache": { "a": 1, "Mixed": { "c": [1, "x"] } } });
        assert_eq!(at(&state, &["cache", "Mixed", "c", "2"]), Some(&json!("x")));
        for path in [
            &["cache", "mixed"][..],
            &["cache", "Mixed", "c", "0"],
            &["cache", "a", "x"],
            &["x"],
        ] {
            assert_eq!(at(&state, path), None, "{path:?}");
        }
    }

    #[test]
    fn the_text_of_a_result_is_its_error_or_its_output() {
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
