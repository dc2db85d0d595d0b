//! What a process hears: JSON, as a compute unit hands it to a module.

use serde_json::{Map, Value, json};

use super::clock;
use super::cron::Cron;
use super::schedule::{Entry, Kind, Schedule};
use super::shown::{self, anchor, text};
use crate::ans104::{DataItem, Tag};
use crate::arweave::{Id, to_base64url};

/// `{ Process, Module }`. `module` is the owner and the tags of the module, where they are known.
pub(super) fn environment(process: &Id, schedule: &Schedule, module: (Option<Id>, &[Tag])) -> String {
    let (owner, tags) = module;
    let mut module = json!({ "Id": schedule.module.to_string(), "Tags": shown::tags(tags) });
    if let Some(owner) = owner {
        module["Owner"] = owner.to_string().into();
    }
    json!({
        "Process": {
            "Id": process.to_string(), "Owner": schedule.owner.to_string(), "Tags": shown::tags(&schedule.tags)
        },
        "Module": module
    })
    .to_string()
}

/// A scheduled message.
pub(super) fn scheduled(process: &Id, schedule: &Schedule, entry: &Entry, item: &DataItem) -> String {
    let head = item.head();
    let owner = Id::of(head.owner()).to_string();
    let from_process = value(head.tags(), "From-Process");
    // A tag that is called like one of the message's own members would stand in for it.
    let tags = head
        .tags()
        .iter()
        .filter(|tag| !tag.has_name("From") && !tag.has_name("Owner"));
    let tags: Vec<Tag> = tags.cloned().collect();
    let target = match head.target() {
        [] => process.to_string(),
        target => to_base64url(target),
    };
    let mut message = json!({
        "Id": entry.id.to_string(),
        "Signature": to_base64url(head.signature()),
        "Data": text(item.data()),
        "Owner": owner,
        "From": from_process.as_ref().unwrap_or(&owner),
        "Tags": shown::tags(&tags),
        "Target": target,
        "Module": schedule.module.to_string(),
        "Epoch": 0,
        "Nonce": entry.nonce,
        "Timestamp": entry.timestamp,
        "Block-Height": clock::height(entry.timestamp),
        "Cron": false,
        "Read-Only": false
    });
    if !head.anchor().is_empty() {
        message["Anchor"] = anchor(head.anchor()).into();
    }
    if from_process.is_some() {
        message["Forwarded-By"] = owner.into();
    }
    if let Kind::Message { chain, exclude, .. } = &entry.kind {
        message["Hash-Chain"] = chain.to_string().into();
        if let Some(message) = message.as_object_mut() {
            for name in exclude {
                message.remove(name);
            }
        }
    }
    message.to_string()
}

/// What a clock says, in the owner's name.
pub(super) fn tick(process: &Id, schedule: &Schedule, entry: &Entry, cron: &Cron) -> String {
    let owner = schedule.owner.to_string();
    json!({
        "Id": entry.id.to_string(),
        "Data": "",
        "Owner": owner,
        "From": owner,
        "Tags": shown::tags(&cron.tags),
        "Target": process.to_string(),
        "Module": schedule.module.to_string(),
        "Timestamp": entry.timestamp,
        "Block-Height": clock::height(entry.timestamp),
        "Cron": true,
        "Read-Only": false
    })
    .to_string()
}

/// A dryrun's message, over what the caller gave. `last` is the entry after which it is asked.
pub(super) fn dryrun(process: &Id, last: &Entry, given: Map<String, Value>) -> String {
    let mut message = Map::new();
    message.insert("Timestamp".into(), last.timestamp.into());
    message.insert("Block-Height".into(), clock::height(last.timestamp).into());
    message.insert("Cron".into(), false.into());
    message.insert("Target".into(), process.to_string().into());
    for (name, value) in given {
        if !value.is_null() {
            message.insert(name, value);
        }
    }
    let tags = message.get("Tags").and_then(Value::as_array);
    let from = tags.and_then(|tags| tags.iter().find(|tag| tag["name"] == "From-Process"));
    let from = from
        .map(|tag| tag["value"].clone())
        .or_else(|| message.get("Owner").cloned());
    message.insert("From".into(), from.unwrap_or_else(|| "".into()));
    message.insert("Read-Only".into(), true.into());
    Value::Object(message).to_string()
}

fn value(tags: &[Tag], name: &str) -> Option<String> {
    let tag = tags.iter().find(|tag| tag.has_name(name));
    tag.map(|tag| text(&tag.value)).filter(|value| !value.is_empty())
}
