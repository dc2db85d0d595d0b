//! Commitments of messages and assignments, as nodes show them in bundled replies: who has signed which fields, and how.

use serde_json::{Map, Value, json};

use crate::ans104::{DataItem, Draft, SignatureType, Tag};
use crate::arweave::{Id, to_base64url};
use crate::error::Result;
use crate::local::json::{object, text};
use crate::local::platform::Platform;
use crate::local::store::items::StoredItem;
use crate::local::store::{items, names, records};
use crate::signer::address;

/// The commitment of a message by the signature that it came with.
pub(crate) fn of_message(stored: &StoredItem) -> Map<String, Value> {
    let (item, head) = (&stored.item, stored.item.head());
    let mut committed = Vec::new();
    if !item.data().is_empty() {
        committed.push("data".to_owned());
    }
    committed.extend(head.tags().iter().map(|tag| text(&tag.name).to_ascii_lowercase()));
    let mut commitment = of_item(item, committed);
    for (name, bytes) in [("field-target", head.target()), ("field-anchor", head.anchor())] {
        if !bytes.is_empty() {
            commitment.insert(name.into(), to_base64url(bytes).into());
        }
    }
    // A node keeps no other form of names that are all in lower case.
    let names = head.tags().iter().map(|tag| text(&tag.name));
    if names.clone().any(|name| name != name.to_ascii_lowercase()) {
        let mut tags = Map::new();
        for (at, tag) in head.tags().iter().enumerate() {
            let tag = json!({ "name": text(&tag.name), "value": text(&tag.value) });
            tags.insert((at + 1).to_string(), tag);
        }
        commitment.insert("original-tags".into(), tags.into());
    }
    if stored.is_http {
        commitment.remove("original-tags");
        for (name, value) in [("commitment-device", "httpsig@1.0"), ("type", "rsa-pss-sha512")] {
            commitment.insert(name.into(), value.into());
        }
    }
    let id = item.id().to_string();
    object(vec![(&*id, commitment.into())])
}

/// The commitment of an assignment to a message: the network signs it as an item, once, and keeps it. Nodes with
/// `scheduler-default-commitment-spec` set to `ans104@1.0` do so.
pub(crate) async fn of_assignment(
    platform: &impl Platform,
    (process, index): (&Id, usize),
    assignment: &Map<String, Value>,
    message: &Id,
) -> Result<Map<String, Value>> {
    let name = names::node_assignment(process, index);
    let stored = match records::get(platform, &name).await? {
        Some(raw) => raw,
        None => {
            let draft = Draft {
                target: None,
                anchor: None,
                tags: tags_of(assignment, message),
            };
            let signed = platform.sign(draft, Vec::new()).await?.raw;
            match records::insert(platform, &name, &signed).await? {
                true => signed,
                // Another page that uses the same store has signed it.
                false => {
                    let raw = records::get(platform, &name).await?;
                    raw.ok_or_else(|| records::missing(&name))?
                }
            }
        }
    };
    let item = items::parse(&name, stored, None)?;
    let names = item.head().tags().iter().map(|tag| text(&tag.name));
    let names = names.map(|name| name.strip_suffix("+link").unwrap_or(&name).to_owned());
    let commitment = of_item(&item, names.collect());
    let id = item.id().to_string();
    Ok(object(vec![(&*id, commitment.into())]))
}

fn of_item(item: &DataItem, committed: Vec<String>) -> Map<String, Value> {
    let head = item.head();
    let kind = head.signature_type();
    let committer = address::node(kind, head.owner());
    let method = match kind {
        SignatureType::Arweave => "rsa-pss-sha256".to_owned(),
        kind => format!("ans104-type-{}", kind.number()),
    };
    object(vec![
        ("bundle", "false".into()),
        ("commitment-device", "ans104@1.0".into()),
        ("committed", committed.into()),
        ("committer", committer.unwrap_or_default().into()),
        ("keyid", format!("publickey:{}", to_base64url(head.owner())).into()),
        ("signature", to_base64url(head.signature()).into()),
        ("type", method.into()),
    ])
}

/// The fields of an assignment as the tags of an item. The message is a link.
fn tags_of(assignment: &Map<String, Value>, message: &Id) -> Vec<Tag> {
    let integers = assignment.iter().filter(|(_, value)| value.is_number());
    let types: Vec<String> = integers.map(|(name, _)| format!("{name}=\"integer\"")).collect();
    // A map has its names in order, and this one adds less code than sorting a list.
    let mut tags = object(vec![
        ("ao-types", types.join(", ").into()),
        ("body+link", message.to_string().into()),
    ]);
    for (name, value) in assignment {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        tags.insert(name.clone(), value.into());
    }
    let tags = tags.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    let tags = tags.filter(|(_, value)| !value.is_empty());
    tags.map(|(name, value)| Tag::new(name.as_str(), value)).collect()
}
