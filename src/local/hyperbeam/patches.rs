//! What processes publish for plain reads: messages to `patch@1.0` in their outboxes, laid one over the other.

use serde_json::{Map, Value};

use crate::arweave::Id;
use crate::error::Result;
use crate::local::http::members;
use crate::local::hyperbeam::state::flattened;
use crate::local::network::{Network, missing_record};
use crate::local::platform::Platform;
use crate::local::store::records as store;

const DEVICE: &str = "patch@1.0";

/// Keys that say what is to be done with a message. A node takes all others for state.
const NO_STATE: [&str; 2] = ["device", "method"];

/// Whether a part of an outbox is for nobody, but is state.
pub(crate) fn is_patch(sent: &Value) -> bool {
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
    let mut state = flattened(sent);
    state.retain(|name, _| !NO_STATE.contains(&&*name.to_ascii_lowercase()));
    state
}

impl<H: Platform> Network<H> {
    /// What a process has published up to an entry, and with it. It is computed from results when it is asked for, and kept for
    /// the next time, so that messages cost nothing more.
    pub(crate) async fn published_after(&mut self, process: &Id, index: usize) -> Result<Map<String, Value>> {
        let name = store::published_name(process);
        let kept: Option<(usize, Map<String, Value>)> = match store::get(&*self.platform, &name).await {
            Ok(record) => record.and_then(|record| read(&record)),
            // The results have everything that is in it.
            Err(error) if store::is_damage(&error) => None,
            Err(error) => return Err(error),
        };
        let newest = kept.as_ref().map_or(0, |(count, _)| *count);
        let wanted = index + 1;
        let (count, mut state) = kept.filter(|(count, _)| *count <= wanted).unwrap_or_default();
        for index in count..wanted {
            let result: Value = serde_json::from_str(self.outcome(process, index).await?.result.get())
                .map_err(|_| missing_record("a result that is JSON"))?;
            // Nothing leaves a process that failed.
            let sent = result["Messages"].as_array().filter(|_| result["Error"].is_null());
            for sent in sent.into_iter().flatten().filter(|sent| is_patch(sent)) {
                lay(&mut state, state_of(sent));
            }
        }
        if wanted > newest {
            let record = members(vec![("count", wanted.into()), ("state", Value::Object(state.clone()))]);
            let record = Value::Object(record).to_string();
            store::put(&*self.platform, &name, record.as_bytes()).await?;
        }
        Ok(state)
    }
}

/// A record: how many entries it has, and what these have published.
fn read(record: &[u8]) -> Option<(usize, Map<String, Value>)> {
    let Value::Object(mut record) = serde_json::from_slice(record).ok()? else {
        return None;
    };
    let count = usize::try_from(record.get("count")?.as_u64()?).ok()?;
    match record.remove("state") {
        Some(Value::Object(state)) => Some((count, state)),
        _ => None,
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
    }

    #[test]
    fn what_is_published_is_all_of_a_message_but_its_device() {
        let sent = json!({ "Target": "x", "Tags": [
            { "name": "device", "value": "patch@1.0" }, { "name": "Type", "value": "Message" },
            { "name": "cache", "value": { "a": 1 } } ] });
        assert!(is_patch(&sent));
        let expected = json!({ "Target": "x", "Type": "Message", "cache": { "a": 1 } });
        assert_eq!(Value::Object(state_of(&sent)), expected);
    }
}
