//! What a module answers.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::trap::Trap;

/// What a message came to. The parts are the module's own JSON, untouched; a part is absent where the module had none.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Evaluation {
    #[serde(flatten)]
    pub parts: Parts,
    /// What the module counted; 0 when it does not count.
    pub gas_used: u64,
    /// The engine that ran it.
    #[serde(rename = "engine")]
    pub engine: &'static str,
}

/// The outbox, the output and the error, as JSON text.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parts {
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub output: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub messages: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub spawns: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub assignments: Option<Box<RawValue>>,
    /// State that others may read, as HyperBEAM's devices do; an empty list where the module had none.
    #[serde(default, deserialize_with = "present", serialize_with = "list")]
    pub patches: Option<Box<RawValue>>,
}

/// `null` is a value too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

fn list<S: Serializer>(value: &Option<Box<RawValue>>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => value.serialize(serializer),
        None => serializer.collect_seq::<[(); 0]>([]),
    }
}

impl Evaluation {
    /// Reads `{"ok": …, "response": …}`.
    ///
    /// # Errors
    /// A trap for anything else.
    pub(super) fn read(answer: &str, gas_used: u64, engine: &'static str) -> Result<Self, Trap> {
        #[derive(Deserialize)]
        struct Answer {
            ok: bool,
            response: Box<RawValue>,
        }
        let unreadable = |error| Trap::Failed(format!("its answer is not {{ok, response}} in JSON: {error}"));
        let Answer { ok, response } = serde_json::from_str(answer).map_err(unreadable)?;
        let parts = match ok {
            false => Parts {
                error: Some(response),
                ..Parts::default()
            },
            // A module may answer with something else than an object: then it has none of the parts.
            true if response.get().starts_with('{') => serde_json::from_str(response.get()).map_err(unreadable)?,
            true => Parts::default(),
        };
        Ok(Self {
            parts,
            gas_used,
            engine,
        })
    }

    /// Whether the module says that it failed. A compute unit then keeps the state from before the message.
    pub fn failed(&self) -> bool {
        let error = self.parts.error.as_deref().map(RawValue::get);
        error.is_some_and(|error| !matches!(error, "null" | "false" | "\"\"" | "0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(answer: &str) -> String {
        let evaluation = Evaluation::read(answer, 7, "test").unwrap();
        serde_json::to_string(&evaluation).unwrap()
    }

    #[test]
    fn the_modules_json_is_kept_as_it_is() {
        let answer = r#"{"ok":true,"response":{"Output":{"b":1e400,"a":9007199254740993,"\ud800":null},"Error":null}}"#;
        assert_eq!(
            shown(answer),
            r#"{"Error":null,"Output":{"b":1e400,"a":9007199254740993,"\ud800":null},"Patches":[],"GasUsed":7,"engine":"test"}"#
        );
        assert!(!Evaluation::read(answer, 0, "test").unwrap().failed());
    }

    #[test]
    fn a_failure_is_the_response() {
        let answer = r#"{"ok":false,"response":"no"}"#;
        assert_eq!(
            shown(answer),
            r#"{"Error":"no","Patches":[],"GasUsed":7,"engine":"test"}"#
        );
        assert!(Evaluation::read(answer, 0, "test").unwrap().failed());
    }

    #[test]
    fn anything_else_is_a_trap() {
        for answer in [
            "",
            "{}",
            "[]",
            r#"{"ok":1,"response":2}"#,
            "{\"ok\":true,\"response\":\"\u{fffd}",
        ] {
            assert!(Evaluation::read(answer, 0, "test").is_err(), "{answer}");
        }
    }
}
