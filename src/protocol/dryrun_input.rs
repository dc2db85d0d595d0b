//! The JSON that a compute unit passes to a module for a dryrun.

use serde_json::{Map, Value};

use super::{TextTag, forwarded_for};

/// Writes the message of a dryrun, made from the caller's JSON: that of the body of a request to a compute unit.
///
/// `timestamp` and `block_height` are those of the message after which it is evaluated. The keys are, in this order: `Id,
/// Data, Owner, Target, Anchor, From, Forwarded-By, Tags, Timestamp, Block-Height, Cron, Read-Only`. Other members of the
/// caller's JSON are dropped, and so is `null`.
pub fn dryrun_input(process: &str, mut given: Map<String, Value>, timestamp: u64, block_height: u64) -> String {
    given.retain(|_, value| !value.is_null());
    let tags: Vec<TextTag> = given
        .get("Tags")
        .and_then(Value::as_array)
        .map(|tags| {
            tags.iter()
                .filter_map(|tag| serde_json::from_value(tag.clone()).ok())
                .collect()
        })
        .unwrap_or_default();
    let owner = given.get("Owner").cloned().unwrap_or_else(|| "".into());
    let from_process = forwarded_for(&tags).map(Value::from);
    let mut members: Vec<(&str, Value)> = Vec::new();
    for name in [
        "Id",
        "Data",
        "Owner",
        "Target",
        "Anchor",
        "From",
        "Forwarded-By",
        "Tags",
    ] {
        let value = match name {
            "Owner" => Some(owner.clone()),
            "Target" => Some(given.remove(name).unwrap_or_else(|| process.into())),
            "From" => Some(from_process.clone().unwrap_or_else(|| owner.clone())),
            "Forwarded-By" => from_process.is_some().then(|| owner.clone()),
            _ => given.remove(name),
        };
        members.extend(value.map(|value| (name, value)));
    }
    members.extend([
        ("Timestamp", timestamp.into()),
        ("Block-Height", block_height.into()),
        ("Cron", false.into()),
        ("Read-Only", true.into()),
    ]);
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    ["{", &members.join(","), "}"].concat()
}
