//! The types of messages and results, as far as this process needs them.

use serde::{Deserialize, Serialize};

/// A message as a compute unit sends it. Further fields are ignored.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Message {
    pub id: String,
    /// The sender: a process, or the address of a wallet.
    pub from: String,
    pub tags: Vec<Tag>,
}

#[derive(Deserialize, Serialize, Clone, Debug, PartialEq)]
pub struct Tag {
    pub name: String,
    pub value: String,
}

impl Tag {
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
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
    pub owner: String,
    pub tags: Vec<Tag>,
}

/// The result of a message.
#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
pub struct Response {
    pub messages: Vec<Outgoing>,
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
