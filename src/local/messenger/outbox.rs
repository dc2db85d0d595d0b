//! Reads the parts of an outbox: tags, data and anchors of what a process sends.

use serde_json::Value;

use crate::ans104::Tag;
use crate::arweave::Id;
use crate::local::scheduler::Entry;
use crate::local::store::names;
use crate::local::tags;
use crate::protocol::{PROTOCOL, VARIANT};

/// Tags that the messenger writes itself. Those of a process are dropped.
const MESSENGER_TAGS: [&str; 6] = [
    "Data-Protocol",
    "Type",
    "From-Process",
    "From-Module",
    "Assignments",
    "Pushed-For",
];

/// The outbox of one entry, while it is delivered.
pub(crate) struct Outbox<'a> {
    pub process: &'a Id,
    pub index: usize,
    pub entry: &'a Entry,
    pub module: Id,
}

impl Outbox<'_> {
    /// The name of the record that has the signed item of a part.
    pub(crate) fn push_name(&self, number: usize) -> String {
        names::push(self.process, self.index, number)
    }

    /// The tags of a part: those of the process, then those of the messenger.
    pub(crate) fn tags(&self, part: &Value, kind: &str) -> Vec<Tag> {
        let given = part["Tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let given = given.iter().filter_map(|tag| {
            let name = tag["name"].as_str().filter(|name| !name.is_empty())?;
            Some(Tag::new(name, scalar(&tag["value"])?))
        });
        let mut tags: Vec<Tag> = given
            .filter(|tag| !MESSENGER_TAGS.iter().any(|name| tag.has_name(name)))
            .collect();
        // Processes of aos write this tag themselves.
        if kind == "Process" && tags::value(&tags, "Variant").is_none() {
            tags.push(Tag::new("Variant", VARIANT));
        }
        tags.extend(self.messenger_tags(kind));
        tags
    }

    /// The tags that the messenger writes.
    pub(crate) fn messenger_tags(&self, kind: &str) -> [Tag; 5] {
        [
            Tag::new("Data-Protocol", PROTOCOL),
            Tag::new("Type", kind),
            Tag::new("From-Process", self.process.to_string()),
            Tag::new("From-Module", self.module.to_string()),
            Tag::new("Pushed-For", self.entry.root.to_string()),
        ]
    }
}

/// The data of a part.
pub(crate) fn data_of(part: &Value) -> Vec<u8> {
    match &part["Data"] {
        Value::Array(_) | Value::Object(_) => part["Data"].to_string(),
        data => scalar(data).unwrap_or_default(),
    }
    .into_bytes()
}

/// The anchor of a part. One that does not have 32 bytes is dropped, since an item may go without.
pub(crate) fn anchor_of(part: &Value) -> Option<Vec<u8>> {
    let anchor = part["Anchor"].as_str()?.as_bytes();
    (anchor.len() == 32).then(|| anchor.to_vec())
}

/// A single value as text. Modules write numbers and booleans where text is expected.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
