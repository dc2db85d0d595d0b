//! The result of a module's `handle`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::trap::Trap;
use crate::protocol::JsonTree;

/// The result of evaluating a message. The parts are the module's own JSON, byte for byte. A part is `None` where the
/// module returned none.
#[derive(Debug, Clone)]
pub struct ProcessEvaluation {
    pub parts: EvaluationParts,
    /// The gas that the evaluation used; 0 where the module is not metered.
    pub gas_used: u64,
    /// The name of the engine that ran the module.
    pub engine: &'static str,
}

/// The outbox, the output and the error, as JSON text.
#[derive(Debug, Clone, Default)]
pub struct EvaluationParts {
    pub error: Option<Box<RawValue>>,
    pub output: Option<Box<RawValue>>,
    pub messages: Option<Box<RawValue>>,
    pub spawns: Option<Box<RawValue>>,
    pub assignments: Option<Box<RawValue>>,
    /// State that the process publishes, in the form of HyperBEAM's `patch` device.
    pub patches: Option<Box<RawValue>>,
}

impl ProcessEvaluation {
    /// Reads `{"ok": …, "response": …}`.
    ///
    /// # Errors
    /// `Failed` for any other text.
    pub(super) fn read(answer: &str, gas_used: u64, engine: &'static str) -> Result<Self, Trap> {
        let unreadable = |error| {
            Trap::Failed(format!(
                "it returned something other than {{ok, response}} in JSON: {error}"
            ))
        };
        let mut answer: RawObject = serde_json::from_str(answer).map_err(unreadable)?;
        let ok = answer.take("ok").map(|ok| ok.get() == "true");
        let (Some(ok), Some(response)) = (ok, answer.take("response")) else {
            return Err(Trap::failed("it returned something other than {ok, response} in JSON"));
        };
        let parts = match ok {
            false => EvaluationParts {
                error: Some(response),
                ..EvaluationParts::default()
            },
            // A response that is not an object has none of the parts.
            true if response.get().starts_with('{') => {
                EvaluationParts::of(serde_json::from_str(response.get()).map_err(unreadable)?)
            }
            true => EvaluationParts::default(),
        };
        Ok(Self {
            parts,
            gas_used,
            engine,
        })
    }

    /// Writes the evaluation as a compute unit does, with the engine's name: `{"Error": …, "Output": …, "Messages": …,
    /// "Spawns": …, "Assignments": …, "Patches": …, "GasUsed": …, "engine": …}`. `Patches` is an empty list where the
    /// module returned none. Other missing parts have no key.
    pub fn to_json(&self) -> String {
        let EvaluationParts {
            error,
            output,
            messages,
            spawns,
            assignments,
            patches,
        } = &self.parts;
        let parts = [
            ("Error", error),
            ("Output", output),
            ("Messages", messages),
            ("Spawns", spawns),
            ("Assignments", assignments),
        ];
        let mut json = String::from("{");
        for (name, part) in parts {
            if let Some(part) = part {
                json += &format!("\"{name}\":{},", part.get());
            }
        }
        let patches = patches.as_deref().map_or("[]", RawValue::get);
        let Self { gas_used, engine, .. } = self;
        json += &format!("\"Patches\":{patches},\"GasUsed\":{gas_used},\"engine\":\"{engine}\"}}");
        json
    }

    /// Whether the module reported an error. A compute unit then keeps the state from before the message.
    pub fn failed(&self) -> bool {
        let error = self.parts.error.as_deref().map(RawValue::get);
        error.is_some_and(|error| !matches!(error, "null" | "false" | "\"\"" | "0"))
    }

    /// Whether a compute unit keeps the state from before the message: the module reported an error, or its output says
    /// that its memory did not suffice.
    pub fn keeps_old_state(&self) -> bool {
        let output = self.parts.output.as_deref().map(RawValue::get);
        self.failed() || output.is_some_and(|output| output.ends_with("not enough memory for buffer allocation\""))
    }
}

impl EvaluationParts {
    fn of(mut response: RawObject) -> Self {
        Self {
            error: response.take("Error"),
            output: response.take("Output"),
            messages: response.take("Messages"),
            spawns: response.take("Spawns"),
            assignments: response.take("Assignments"),
            patches: response.take("Patches"),
        }
    }
}

/// A JSON object whose values are not parsed.
struct RawObject(Vec<(String, Box<RawValue>)>);

impl RawObject {
    /// Removes a member. Of several with the same name, the last one counts, as in JavaScript.
    fn take(&mut self, name: &str) -> Option<Box<RawValue>> {
        let at = self.0.iter().rposition(|(member, _)| member == name)?;
        Some(self.0.swap_remove(at).1)
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawObjectVisitor)
    }
}

/// Reports other values than objects with a fixed text. serde's own messages need the code that writes floats, which
/// adds 6 KB to an artefact.
struct RawObjectVisitor;

fn not_an_object<E: serde::de::Error>() -> Result<RawObject, E> {
    Err(E::custom("it is not an object"))
}

impl<'de> Visitor<'de> for RawObjectVisitor {
    type Value = RawObject;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<RawObject, E> {
        not_an_object()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<RawObject, E> {
        not_an_object()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<RawObject, E> {
        not_an_object()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<RawObject, E> {
        not_an_object()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<RawObject, E> {
        not_an_object()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<RawObject, E> {
        not_an_object()
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, _: A) -> Result<RawObject, A::Error> {
        Err(A::Error::custom("it is not an object"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawObject, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = access.next_key()? {
            members.push((name, access.next_value()?));
        }
        Ok(RawObject(members))
    }
}

/// The name of a member of an object.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match JsonTree::deserialize(deserializer)? {
            JsonTree::Text(name) => Ok(Self(name)),
            _ => Err(D::Error::custom("a name is not a string")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(answer: &str) -> String {
        ProcessEvaluation::read(answer, 7, "test").unwrap().to_json()
    }

    #[test]
    fn read_keeps_the_modules_json_byte_for_byte() {
        let answer = r#"{"ok":true,"response":{"Output":{"b":1e400,"a":9007199254740993,"\ud800":null},"Error":null}}"#;
        assert_eq!(
            shown(answer),
            r#"{"Error":null,"Output":{"b":1e400,"a":9007199254740993,"\ud800":null},"Patches":[],"GasUsed":7,"engine":"test"}"#
        );
        assert!(!ProcessEvaluation::read(answer, 0, "test").unwrap().failed());
    }

    #[test]
    fn read_of_ok_false_makes_the_response_the_error() {
        let answer = r#"{"ok":false,"response":"no"}"#;
        assert_eq!(
            shown(answer),
            r#"{"Error":"no","Patches":[],"GasUsed":7,"engine":"test"}"#
        );
        assert!(ProcessEvaluation::read(answer, 0, "test").unwrap().failed());
    }

    #[test]
    fn keeps_old_state_of_an_output_that_tells_of_too_little_memory() {
        let keeps = |output: &str| {
            let answer = format!(r#"{{"ok":true,"response":{{"Output":"{output}"}}}}"#);
            ProcessEvaluation::read(&answer, 0, "test").unwrap().keeps_old_state()
        };
        assert!(keeps("error: not enough memory for buffer allocation"));
        assert!(!keeps("not enough memory for buffer allocation: no"));
    }

    #[test]
    fn read_of_anything_else_fails() {
        for answer in [
            "",
            "{}",
            "[]",
            r#"{"ok":1}"#,
            "1.5",
            "null",
            "\"ok\"",
            "{\"ok\":true,\"response\":\"\u{fffd}",
        ] {
            assert!(ProcessEvaluation::read(answer, 0, "test").is_err(), "{answer}");
        }
    }
}
