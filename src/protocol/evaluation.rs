//! The results that units return.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::JsonTree;
use super::typed_json::{decoded, numbered};
use crate::error::{Error, ErrorKind, Result};

/// A unit's response, as JSON text. It is not parsed on receipt: JavaScript parses the text itself, and Rust parses it
/// into a type of its choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Checks that the text is JSON.
    ///
    /// # Errors
    /// The text itself, where it is not JSON.
    pub fn new(text: String) -> std::result::Result<Self, String> {
        match serde_json::from_str::<IgnoredAny>(&text) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(text),
        }
    }

    /// Writes text as a JSON string.
    pub fn text(text: &str) -> Self {
        // Writing a string cannot fail.
        Self(serde_json::to_string(text).unwrap_or_default())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses the text into a tree.
    ///
    /// # Errors
    /// `BadResponse` where it is nested more than 128 levels deep.
    pub fn tree(&self) -> Result<JsonTree> {
        // Without serde's message, whose code every page would download.
        serde_json::from_str(self.as_str()).map_err(|_| {
            Error::new(
                ErrorKind::BadResponse,
                "The response is JSON that is nested more than 128 levels deep",
            )
            .with_text("body", self.as_str())
        })
    }

    /// Parses the text into a type.
    ///
    /// # Errors
    /// `BadResponse` where the JSON has another shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.as_str()).map_err(|error| {
            Error::new(
                ErrorKind::BadResponse,
                format!("The response is JSON of an unexpected shape: {error}"),
            )
            .with_text("body", self.as_str())
        })
    }
}

/// The result of evaluating one message, as a compute unit returns it.
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
    /// Finds the result in a HyperBEAM node's response.
    ///
    /// A node puts the result of a legacy unit into `raw`, or as text into `json.body`. Other devices, such as
    /// `lua@5.3a`, return `output` and `outbox`. Either may be under `results`, and a node may wrap the response: `{
    /// "ao-result": "body", "body": … }`.
    ///
    /// # Errors
    /// `BadResponse` where the response holds no result.
    pub fn within(answer: &Json) -> Result<Self> {
        let tree: Value = answer.parse()?;
        let value = tree["ao-result"].as_str().map_or(&tree, |name| &tree[name]);
        let document = object_of(&value["body"]).unwrap_or_default();
        let places = [value, &value["results"], &document];
        let legacy = places.into_iter().find_map(|place| {
            let mut bodies = [&place["raw"], &place["json"]["body"]]
                .into_iter()
                .filter_map(object_of);
            bodies
                .next()
                .or_else(|| place["Messages"].is_array().then(|| place.clone()))
        });
        let found = match legacy {
            Some(legacy) => serde_json::from_value(legacy).ok(),
            None => places.into_iter().find_map(Self::of_device),
        };
        found.ok_or_else(|| {
            Error::new(
                ErrorKind::BadResponse,
                "The node's response holds no result. Read what the process publishes as state",
            )
            .with_text("body", answer.as_str())
        })
    }

    fn of_device(place: &Value) -> Option<Self> {
        if place["output"].is_null() && place["outbox"].is_null() {
            return None;
        }
        let place = decoded(place);
        let (output, outbox) = (&place["output"], &place["outbox"]);
        let sent = match outbox {
            Value::Array(sent) => sent.clone(),
            Value::Object(sent) => numbered(sent),
            _ => Vec::new(),
        };
        Some(Self {
            output: output.get("body").unwrap_or(output).clone(),
            messages: sent
                .iter()
                .filter(|sent| sent.is_object())
                .map(Outgoing::of_message)
                .collect(),
            spawns: Vec::new(),
            assignments: Vec::new(),
            error: None,
            gas_used: None,
        })
    }
}

/// The object itself, or the object that a string holds as JSON.
fn object_of(value: &Value) -> Option<Value> {
    let object = match value {
        Value::String(text) => serde_json::from_str(text).ok()?,
        value => value.clone(),
    };
    object.is_object().then_some(object)
}

impl Outgoing {
    /// Reads a message of a device's outbox. Members that are not fields of a message become tags.
    fn of_message(message: &Value) -> Self {
        let mut outgoing = Self {
            target: String::new(),
            anchor: None,
            data: Value::Null,
            tags: Vec::new(),
        };
        for (name, value) in message.as_object().into_iter().flatten() {
            let text = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match &*name.to_ascii_lowercase() {
                "target" => outgoing.target = text(),
                "anchor" => outgoing.anchor = Some(text()),
                "data" => outgoing.data = value.clone(),
                "commitments" => {}
                _ => outgoing.tags.push(OutgoingTag {
                    name: name.clone(),
                    value: match value {
                        Value::Object(_) | Value::Array(_) => value.clone(),
                        _ => text().into(),
                    },
                }),
            }
        }
        outgoing
    }
}

/// A message or a spawn in a process's outbox.
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
    pub tags: Vec<OutgoingTag>,
}

/// A tag of an outgoing message. Its value is a string, except where a process sends a table: `patch@1.0` publishes tables as
/// they are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OutgoingTag {
    pub name: String,
    #[serde(default)]
    pub value: Value,
}
