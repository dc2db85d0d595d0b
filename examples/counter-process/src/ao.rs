//! The types of messages and results, as far as this process needs them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message as a compute unit sends it. Further fields are ignored.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Message {
    /// The sender: a process, or the address of a wallet.
    pub from: String,
    pub tags: Vec<Tag>,
}

#[derive(Deserialize, Serialize)]
pub struct Tag {
    pub name: String,
    pub value: String,
}

/// Describes the process. It is the same for every message.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Environment {
    pub process: ProcessInfo,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct ProcessInfo {
    pub id: String,
    pub owner: String,
    pub tags: Vec<Tag>,
}

/// The result of a message.
#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
pub struct Response {
    pub messages: Vec<Sent>,
    // This process spawns and assigns nothing, but clients expect the lists.
    pub spawns: [(); 0],
    pub assignments: [(); 0],
    pub output: Output,
}

#[derive(Serialize, Default)]
pub struct Output {
    /// Clients read it from the result.
    pub data: String,
}

/// A message in the outbox.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Sent {
    Message(Outgoing),
    Published(Patch),
}

/// Values that HyperBEAM nodes return under `/now`. It has no target, since it is not sent to a process.
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
    /// 32 characters. Each message of the process needs a different anchor.
    pub anchor: String,
    pub tags: Vec<Tag>,
    pub data: String,
}

/// Returns the value of the first tag with this name.
pub fn tag<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.name == name).map(|tag| tag.value.as_str())
}
