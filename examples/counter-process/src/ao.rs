//! What messages and answers look like: the part of it that this process needs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message as a compute unit hands it over. Fields that are not listed are passed by.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Message {
    /// Who speaks: a process, or the owner of a wallet.
    pub from: String,
    pub tags: Vec<Tag>,
}

#[derive(Deserialize, Serialize)]
pub struct Tag {
    pub name: String,
    pub value: String,
}

/// What a process knows of itself, the same for every message.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Environment {
    pub process: Itself,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Itself {
    pub id: String,
    pub owner: String,
    pub tags: Vec<Tag>,
}

/// What a message comes to.
#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
pub struct Response {
    pub messages: Vec<Sent>,
    // This process spawns and assigns nothing, but those who read answers want the lists.
    pub spawns: [(); 0],
    pub assignments: [(); 0],
    pub output: Output,
}

#[derive(Serialize, Default)]
pub struct Output {
    /// For whoever asks a compute unit for the result.
    pub data: String,
}

/// What leaves a process.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Sent {
    Message(Outgoing),
    Published(Patch),
}

/// Values that HyperBEAM nodes show under `/now`. It is for no process, so it has no target.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Patch {
    tags: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    name: &'static str,
    value: Value,
}

impl Patch {
    pub fn new(name: &'static str, value: Value) -> Self {
        let device = Field {
            name: "device",
            value: "patch@1.0".into(),
        };
        Self {
            tags: vec![device, Field { name, value }],
        }
    }
}

/// A message to another process, or to a wallet.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outgoing {
    pub target: String,
    /// 32 characters that no other message of this process has.
    pub anchor: String,
    pub tags: Vec<Tag>,
    pub data: String,
}

/// The value of a tag.
pub fn tag<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.name == name).map(|tag| tag.value.as_str())
}
