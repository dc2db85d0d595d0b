//! What processes publish for plain reads: messages to `patch@1.0` in their outboxes, laid one over the other.

use serde_json::{Map, Value};

use super::host::Surroundings;
use super::network::{Network, lost};
use super::store;
use super::wire::{Answer, Refusal, Response};
use crate::arweave::Id;
use crate::error::Result;

const DEVICE: &str = "patch@1.0";

/// Tags that say what a message is, and are no state.
const NO_STATE: [&str; 7] = [
    "device",
    "method",
    "data-protocol",
    "variant",
    "type",
    "reference",
    "action",
];

/// Whether a part of an outbox is for nobody, but is state.
pub(super) fn is_patch(sent: &Value) -> bool {
    let tags = sent["Tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = |tag: &&Value| {
        tag["name"]
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("device"))
    };
    tags.iter().find(named).is_some_and(|tag| tag["value"] == DEVICE)
}

/// Lays `over` over what is there; maps grow together, everything else is replaced.
fn lay(under: &mut Map<String, Value>, over: Map<String, Value>) {
    for (name, value) in over {
        match (under.get_mut(&name), value) {
            (Some(Value::Object(under)), Value::Object(over)) => lay(under, over),
            (_, value) => {
                under.insert(name, value);
            }
        }
    }
}

fn state_of(sent: &Value) -> Map<String, Value> {
    let tags = sent["Tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let members = tags.iter().filter_map(|tag| {
        let name = tag["name"].as_str()?.to_owned();
        (!NO_STATE.contains(&&*name.to_ascii_lowercase())).then(|| (name, tag["value"].clone()))
    });
    members.collect()
}

/// The value at a path. Names are looked for as they are, and then whatever their case.
fn at<'a>(state: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(state, |state, name| match state {
        Value::Object(members) => members.get(*name).or_else(|| {
            let mut members = members.iter();
            members
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        }),
        Value::Array(entries) => entries.get(name.parse::<usize>().ok()?.checked_sub(1)?),
        _ => None,
    })
}

impl<H: Surroundings> Network<H> {
    /// Publishes what an outbox has for that.
    pub(super) async fn publish(&mut self, process: &Id, messages: &[Value]) -> Result<()> {
        if !messages.iter().any(is_patch) {
            return Ok(());
        }
        let name = store::patches_name(process);
        let mut state = self.published(process).await?;
        for sent in messages.iter().filter(|sent| is_patch(sent)) {
            lay(&mut state, state_of(sent));
        }
        store::put(&*self.host, &name, Value::Object(state).to_string().as_bytes()).await
    }

    async fn published(&mut self, process: &Id) -> Result<Map<String, Value>> {
        match store::get(&*self.host, &store::patches_name(process)).await {
            Ok(None) => Ok(Map::new()),
            Ok(Some(bytes)) => match serde_json::from_slice(&bytes) {
                Ok(state) => Ok(state),
                Err(_) => self.published_so_far(process).await,
            },
            // The crash of a machine may damage it; the results have everything that is in it.
            Err(error) if store::is_damage(&error) => self.published_so_far(process).await,
            Err(error) => Err(error),
        }
    }

    async fn published_so_far(&mut self, process: &Id) -> Result<Map<String, Value>> {
        let settled = self.schedules.get(process).map_or(0, |schedule| schedule.settled);
        let mut state = Map::new();
        for index in 0..settled {
            let result: Value = serde_json::from_str(self.outcome(process, index).await?.result.get())
                .map_err(|_| lost("a result that is JSON"))?;
            // Nothing leaves a process that failed.
            let sent = result["Messages"].as_array().filter(|_| result["Error"].is_null());
            for sent in sent.into_iter().flatten().filter(|sent| is_patch(sent)) {
                lay(&mut state, state_of(sent));
            }
        }
        Ok(state)
    }

    /// `…/now/:name/…`: text as it is, and the rest as JSON.
    pub(super) async fn read_published(&mut self, process: &Id, path: &[&str]) -> Answer<Response> {
        let (path, as_json) = match path {
            [path @ .., "~json@1.0", "serialize"] | [path @ .., "serialize~json@1.0"] => (path, true),
            path => (path, false),
        };
        let state = Value::Object(self.published(process).await?);
        match at(&state, path) {
            Some(Value::String(text)) if !as_json => Ok(Response::text(text.clone())),
            Some(value) if as_json || value.is_object() || value.is_array() => Ok(Response::json(200, value)),
            Some(value) => Ok(Response::text(value.to_string())),
            None => Err(Refusal::missing("The process has published nothing under that name")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patches_grow_together() {
        let mut state = Map::new();
        for patch in [
            json!({ "cache": { "a": 1, "b": { "c": [1, 2] } } }),
            json!({ "cache": { "b": { "d": "x" } } }),
        ] {
            lay(&mut state, patch.as_object().unwrap().clone());
        }
        let state = Value::Object(state);
        assert_eq!(state, json!({ "cache": { "a": 1, "b": { "c": [1, 2], "d": "x" } } }));
        assert_eq!(at(&state, &["CACHE", "b", "c", "2"]), Some(&json!(2)));
        for path in [&["cache", "b", "c", "0"][..], &["cache", "a", "x"], &["x"]] {
            assert_eq!(at(&state, path), None);
        }
    }
}
