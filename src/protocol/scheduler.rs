//! What a scheduler unit says about a message: its assignment to a slot.

use serde::Deserialize;
use serde_json::Value;

/// A message with its assignment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Scheduled {
    #[serde(default)]
    pub assignment: Assignment,
}

/// The scheduler's own item, whose `Nonce` tag is the slot.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Assignment {
    #[serde(default)]
    pub tags: Vec<AnyTag>,
}

/// A tag whose value some schedulers write as a number.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AnyTag {
    pub name: String,
    #[serde(default)]
    pub value: Value,
}

/// The slot of a scheduled message in decimal digits, if its assignment says one.
pub fn slot_of(scheduled: &Scheduled) -> Option<String> {
    let tag = scheduled.assignment.tags.iter().find(|tag| tag.name == "Nonce")?;
    match &tag.value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
