//! What units answer.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Node;
use crate::error::{Error, ErrorKind, Result};

/// An answer that is JSON, kept as the text it came as: JavaScript parses it itself, and Rust into whatever it wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// # Errors
    /// The text itself, when it is not JSON.
    pub fn new(text: String) -> std::result::Result<Self, String> {
        match serde_json::from_str::<IgnoredAny>(&text) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(text),
        }
    }

    /// A JSON string.
    pub fn text(text: &str) -> Self {
        // Text has no way to fail.
        Self(serde_json::to_string(text).unwrap_or_default())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The answer as a tree.
    ///
    /// # Errors
    /// `BadResponse` when it is nested more than 128 deep.
    pub fn node(&self) -> Result<Node> {
        self.parse()
    }

    /// # Errors
    /// `BadResponse` when the JSON has another shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.as_str()).map_err(|error| {
            Error::new(
                ErrorKind::BadResponse,
                format!("The answer is JSON of an unexpected shape: {error}"),
            )
            .with_text("body", self.as_str())
        })
    }
}

/// What a process answered to one message, as a compute unit gives it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Evaluation {
    #[serde(default)]
    pub output: Value,
    #[serde(default)]
    pub messages: Vec<Outgoing>,
    #[serde(default)]
    pub spawns: Vec<Outgoing>,
    #[serde(default)]
    pub assignments: Vec<Value>,
    #[serde(default)]
    pub error: Option<Value>,
    #[serde(default)]
    pub gas_used: Option<u64>,
}

impl Evaluation {
    /// What a HyperBEAM node's answer holds: some nodes put it into `raw`, others as text into `json.body`, and both may
    /// lie under `results`.
    ///
    /// # Errors
    /// `BadResponse` when the answer holds none.
    pub fn within(answer: &Json) -> Result<Self> {
        let tree: Value = answer.parse()?;
        let found = [&tree, &tree["results"]].into_iter().find_map(|place| {
            let mut bodies = [&place["raw"], &place["json"]["body"]].into_iter();
            bodies.find_map(|body| match body {
                Value::Object(_) => serde_json::from_value(body.clone()).ok(),
                Value::String(text) => serde_json::from_str(text).ok(),
                _ => None,
            })
        });
        found.ok_or_else(|| {
            Error::new(
                ErrorKind::BadResponse,
                "The node's answer holds no result. Read what other devices compute as state",
            )
            .with_text("body", answer.as_str())
        })
    }
}

/// A message or a spawn in an outbox.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outgoing {
    #[serde(default)]
    pub target: String,
    #[serde(default)]
    pub anchor: Option<String>,
    #[serde(default)]
    pub data: Value,
    #[serde(default)]
    pub tags: Vec<TextTag>,
}

/// A tag in JSON, where names and values are text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextTag {
    pub name: String,
    pub value: String,
}
