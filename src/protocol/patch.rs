//! Patches: messages to the device `patch@1.0` in an outbox, which publish state for plain reads.

use serde_json::{Map, Value};

const DEVICE: &str = "patch@1.0";

/// Keys that control what a node does with a message. It takes all other keys of a patch for state.
const NOT_STATE: [&str; 2] = ["device", "method"];

/// Whether a part of an outbox is a patch, which is not delivered.
pub(crate) fn is_patch(part: &Value) -> bool {
    let tags = part["Tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_device = |tag: &&Value| {
        tag["name"]
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("device"))
    };
    tags.iter().find(is_device).is_some_and(|tag| tag["value"] == DEVICE)
}

/// A message of an outbox as a node reads it: its tags become keys.
pub(crate) fn flatten(part: &Value) -> Map<String, Value> {
    let mut message = Map::new();
    for name in ["Target", "Anchor", "Data"] {
        if !part[name].is_null() {
            message.insert(name.into(), part[name].clone());
        }
    }
    for tag in part["Tags"].as_array().map(Vec::as_slice).unwrap_or_default() {
        if let (Some(name), false) = (tag["name"].as_str(), tag["value"].is_null()) {
            message.insert(name.into(), tag["value"].clone());
        }
    }
    message
}

/// Merges a patch into the published state.
pub(crate) fn apply(state: &mut Map<String, Value>, patch: &Value) {
    merge(state, state_of(patch));
}

/// The state in a patch.
fn state_of(patch: &Value) -> Map<String, Value> {
    let mut state = flatten(patch);
    state.retain(|name, _| !NOT_STATE.contains(&&*name.to_ascii_lowercase()));
    state
}

/// Merges nested maps. Other values are replaced.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(into)), Value::Object(from)) => merge(into, from),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merge_merges_nested_maps_and_replaces_other_values() {
        let mut state = Map::new();
        for patch in [
            json!({ "cache": { "a": 1, "b": { "c": [1, 2] } } }),
            json!({ "cache": { "b": { "d": "x" } } }),
        ] {
            merge(&mut state, patch.as_object().unwrap().clone());
        }
        let state = Value::Object(state);
        assert_eq!(state, json!({ "cache": { "a": 1, "b": { "c": [1, 2], "d": "x" } } }));
    }

    #[test]
    fn state_of_a_patch_is_the_whole_message_without_the_device() {
        let patch = json!({ "Target": "x", "Tags": [
            { "name": "device", "value": "patch@1.0" }, { "name": "Type", "value": "Message" },
            { "name": "cache", "value": { "a": 1 } } ] });
        assert!(is_patch(&patch));
        let expected = json!({ "Target": "x", "Type": "Message", "cache": { "a": 1 } });
        assert_eq!(Value::Object(state_of(&patch)), expected);
    }
}
