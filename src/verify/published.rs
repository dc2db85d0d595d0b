//! The state that a process publishes with messages to the device `patch@1.0`, as a HyperBEAM node shows it under `/now/…`.
//!
//! It is a fold over the outboxes of a replay, so that it can be computed without a node. A node's own keys of a process, such
//! as `at-slot`, are not part of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::patch::{apply, is_patch};

/// The published state of a process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Published {
    state: Map<String, Value>,
    /// Whether patches from before the replay may be missing: it began at a checkpoint.
    partial: bool,
}

impl Published {
    /// The state of a process that published something before the replay began.
    pub fn partial() -> Self {
        Self {
            partial: true,
            ..Self::default()
        }
    }

    /// Applies the patches in a result. A node delivers nothing of a failed evaluation.
    pub(super) fn take(&mut self, result: &str) {
        // Most results have none, and reading them takes time.
        if !result.contains("patch@1.0") {
            return;
        }
        let result: Value = serde_json::from_str(result).unwrap_or_default();
        let messages = result["Messages"].as_array().filter(|_| !is_failed(&result));
        for patch in messages.into_iter().flatten().filter(|part| is_patch(part)) {
            apply(&mut self.state, patch);
        }
    }

    /// The value at a path, `balances/x` or `balances.x`; all that was published where the path is empty. Names are
    /// case-sensitive; the first may be in lower case, as in the path of a node.
    ///
    /// # Errors
    /// `NotFound` where nothing was published there. `Unsupported` where something may have been published before the replay.
    pub fn read(&self, path: &str) -> Result<Value> {
        if self.partial {
            let message = "What the process has published before the checkpoint is not known. Start from slot 0";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let mut names = path.split(['/', '.']).filter(|name| !name.is_empty());
        let Some(first) = names.next() else {
            return Ok(Value::Object(self.state.clone()));
        };
        let other_case = || self.state.iter().find(|(name, _)| name.eq_ignore_ascii_case(first));
        let found = self.state.get(first).or_else(|| other_case().map(|(_, value)| value));
        let found = names.try_fold(found, |value, name| {
            let value = match value? {
                // Lists count from 1, as in Lua and in a node.
                Value::Array(list) => list.get(name.parse::<usize>().ok()?.checked_sub(1)?),
                other => other.get(name),
            };
            Some(value)
        });
        found.flatten().cloned().ok_or_else(|| {
            let message = format!("The process has published nothing at \"{path:.128}\". Names are case-sensitive");
            Error::new(ErrorKind::NotFound, message)
        })
    }
}

fn is_failed(result: &Value) -> bool {
    !matches!(&result["Error"], Value::Null) && result["Error"] != ""
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn result(tags: Value, error: Value) -> String {
        json!({ "Messages": [{ "Target": "t", "Tags": tags }], "Error": error }).to_string()
    }

    #[test]
    fn take_folds_patches_and_leaves_out_other_messages_and_failed_evaluations() {
        let device = json!({ "name": "device", "value": "patch@1.0" });
        let balances = |value: Value| json!([device, { "name": "Balances", "value": value }]);
        let mut published = Published::default();
        published.take(&result(balances(json!({ "a": "1", "b": "2" })), Value::Null));
        published.take(&result(balances(json!({ "b": "5" })), Value::Null));
        published.take(&result(balances(json!({ "b": "9" })), "failed".into()));
        published.take(&result(
            json!([{ "name": "Balances", "value": "patch@1.0" }]),
            Value::Null,
        ));
        for path in ["Balances/b", "balances.b", "/balances/b/"] {
            assert_eq!(published.read(path).unwrap(), "5", "{path}");
        }
        let both = json!({ "a": "1", "b": "5" });
        assert_eq!(published.read("Balances").unwrap(), both);
        assert_eq!(published.read("").unwrap()["Balances"], both);
        for path in ["Balances/B", "Balances/a/x", "other"] {
            assert_eq!(published.read(path).unwrap_err().kind(), ErrorKind::NotFound);
        }
    }

    #[test]
    fn a_state_that_began_at_a_checkpoint_is_not_read() {
        let mut published = Published::partial();
        published.take(&result(
            json!([{ "name": "device", "value": "patch@1.0" }]),
            Value::Null,
        ));
        assert_eq!(published.read("Target").unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
