//! What a module answers.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::trap::Trap;
use crate::protocol::Node;

/// What a message came to. The parts are the module's own JSON, untouched; a part is absent where the module had none.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub parts: Parts,
    /// What the module paid; 0 when it is not metered.
    pub gas_used: u64,
    /// The engine that ran it.
    pub engine: &'static str,
}

/// The outbox, the output and the error, as JSON text.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    pub error: Option<Box<RawValue>>,
    pub output: Option<Box<RawValue>>,
    pub messages: Option<Box<RawValue>>,
    pub spawns: Option<Box<RawValue>>,
    pub assignments: Option<Box<RawValue>>,
    /// State that others may read, as HyperBEAM's devices do.
    pub patches: Option<Box<RawValue>>,
}

impl Evaluation {
    /// Reads `{"ok": …, "response": …}`.
    ///
    /// # Errors
    /// A trap for anything else.
    pub(super) fn read(answer: &str, gas_used: u64, engine: &'static str) -> Result<Self, Trap> {
        let unreadable = |error| Trap::Failed(format!("its answer is not {{ok, response}} in JSON: {error}"));
        let mut answer: Members = serde_json::from_str(answer).map_err(unreadable)?;
        let ok = answer.take("ok").map(|ok| ok.get() == "true");
        let (Some(ok), Some(response)) = (ok, answer.take("response")) else {
            return Err(Trap::failed("its answer is not {ok, response} in JSON"));
        };
        let parts = match ok {
            false => Parts {
                error: Some(response),
                ..Parts::default()
            },
            // A module may answer with something else than an object: then it has none of the parts.
            true if response.get().starts_with('{') => {
                Parts::of(serde_json::from_str(response.get()).map_err(unreadable)?)
            }
            true => Parts::default(),
        };
        Ok(Self {
            parts,
            gas_used,
            engine,
        })
    }

    /// The evaluation as a compute unit would answer it, and which engine ran it:
    /// `{"Error": …, "Output": …, "Messages": …, "Spawns": …, "Assignments": …, "Patches": …, "GasUsed": …, "engine": …}`.
    /// `Patches` is an empty list where the module had none; other parts that it did not have are absent.
    pub fn to_json(&self) -> String {
        let Parts {
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

    /// Whether the module says that it failed. A compute unit then keeps the state from before the message.
    pub fn failed(&self) -> bool {
        let error = self.parts.error.as_deref().map(RawValue::get);
        error.is_some_and(|error| !matches!(error, "null" | "false" | "\"\"" | "0"))
    }
}

impl Parts {
    fn of(mut response: Members) -> Self {
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

/// An object whose members are not looked into.
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// Of members with the same name, the last counts, as in JavaScript.
    fn take(&mut self, name: &str) -> Option<Box<RawValue>> {
        let at = self.0.iter().rposition(|(member, _)| member == name)?;
        Some(self.0.swap_remove(at).1)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MembersVisitor)
    }
}

/// Complains in words of its own: serde's bring the code that writes floats, which is 6 KB of an artefact.
struct MembersVisitor;

fn no_object<E: serde::de::Error>() -> Result<Members, E> {
    Err(E::custom("it is no object"))
}

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Members, E> {
        no_object()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Members, E> {
        no_object()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Members, E> {
        no_object()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Members, E> {
        no_object()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Members, E> {
        no_object()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Members, E> {
        no_object()
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, _: A) -> Result<Members, A::Error> {
        Err(A::Error::custom("it is no object"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = access.next_key()? {
            members.push((name, access.next_value()?));
        }
        Ok(Members(members))
    }
}

/// The name of a member.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Node::deserialize(deserializer)? {
            Node::Text(name) => Ok(Self(name)),
            _ => Err(D::Error::custom("a name is no string")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(answer: &str) -> String {
        Evaluation::read(answer, 7, "test").unwrap().to_json()
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
            r#"{"ok":1}"#,
            "1.5",
            "null",
            "\"ok\"",
            "{\"ok\":true,\"response\":\"\u{fffd}",
        ] {
            assert!(Evaluation::read(answer, 0, "test").is_err(), "{answer}");
        }
    }
}
