//! Ids of nested messages. An id is a keyed hash over the message's lines. Messages that are nested deeper are links in
//! these lines: their name with `+link`, and their id.

use super::algorithm::Algorithm;
use super::base::{push_line, with_at};
use super::digest::content_digest;
use super::escape::{header_of, name_of};
use super::fields::{glued, joined};
use super::id::{COMMON_KEY, combined_id, keyed_hash};
use super::message::{Message, Value, Values};
use super::multipart::{self, MAX_HEADER_LENGTH};
use super::names::{BODY_KEY, COMMITMENTS, CONTENT_TYPE, DIGEST, LINK, MAX_ORDERED};
use super::types::LIST;
use crate::ao_types::AO_TYPES;
use crate::arweave::Id;

/// Adds to nested messages the commitments that nodes of November 2025 add: each message's hash, and the names that it
/// covers. Lists and empty messages get none. Returns the id of the message; `None` where it has too many values to
/// have an order.
pub(super) fn commit(plain: &mut Values) -> Option<Id> {
    let mut links = Values::new();
    for (name, value) in plain.iter_mut() {
        if let Value::Map(nested) = value {
            links.insert(name.clone(), Value::text(commit(&mut nested.0)?.to_string()));
        }
    }
    let id = hash(plain, &links)?;
    if let Some(commitments) = commitments(plain, id) {
        plain.insert(COMMITMENTS.into(), commitments);
    }
    Some(id)
}

/// The value that a node of November 2025 writes under [`COMMITMENTS`].
fn commitments(plain: &Values, id: Id) -> Option<Value> {
    let is_list = plain
        .get(AO_TYPES)
        .and_then(Value::bytes)
        .is_some_and(|types| types.starts_with(LIST));
    if plain.is_empty() || is_list {
        return None;
    }
    let mut committed = Values::new();
    for name in plain.keys().filter(|name| *name != COMMITMENTS) {
        committed.insert((committed.len() + 1).to_string(), Value::text(name.as_str()));
    }
    committed.insert(AO_TYPES.into(), Value::Bytes(LIST.into()));
    let id = id.to_string();
    let mut fields = Message::new();
    for (name, value) in [
        ("commitment-device", "httpsig@1.0"),
        ("keyid", COMMON_KEY),
        ("signature", &*id),
        ("type", Algorithm::HmacSha256.name()),
    ] {
        fields.0.insert(name.into(), value.into());
    }
    fields.0.insert("committed".into(), Value::Map(Message(committed)));
    let mut commitments = Message::new();
    commitments.0.insert(id, Value::Map(fields));
    Some(Value::Map(commitments))
}

/// The keyed hash of a message. `links` are the ids of the messages nested in it.
fn hash(plain: &Values, links: &Values) -> Option<Id> {
    let is_text = |name: &&str| plain.get(*name).is_some_and(|value| value.bytes().is_some());
    let inline = ["body", "data"].into_iter().find(is_text);
    let mut lines = Values::new();
    let mut in_body = Values::new();
    for (name, value) in plain {
        match value {
            _ if name == COMMITMENTS => {}
            Value::Bytes(bytes) if Some(name.as_str()) == inline || bytes.len() > MAX_HEADER_LENGTH => {
                in_body.insert(name.clone(), value.clone());
            }
            Value::Bytes(_) => {
                lines.insert(header_of(name).into_owned(), value.clone());
            }
            _ => {
                lines.insert(glued(&[name, LINK]), links.get(name)?.clone());
            }
        }
    }
    if inline == Some("data") {
        lines.insert(BODY_KEY.into(), "data".into());
    }
    let inline = inline.unwrap_or("body");
    let alone = in_body.len() == 1;
    match in_body.get(inline).and_then(Value::bytes) {
        Some(body) if alone => {
            lines.insert(DIGEST.into(), Value::text(content_digest(body)));
        }
        _ if in_body.is_empty() => {}
        // The multipart content type would replace the message's own.
        _ if lines.contains_key(CONTENT_TYPE) => return None,
        _ => {
            let parts = multipart::write(&in_body, inline);
            lines.insert(DIGEST.into(), Value::text(content_digest(&parts.body)));
            lines.insert(CONTENT_TYPE.into(), Value::text(parts.content_type()));
        }
    }
    (lines.len() <= MAX_ORDERED && lines.keys().all(|name| is_plain(name))).then(|| {
        let mut base = Vec::new();
        for (name, value) in &lines {
            push_line(&mut base, &format!("\"{name}\""), value.bytes().unwrap_or_default());
        }
        // Nodes add the line end even where there are no lines.
        if lines.is_empty() {
            base.push(b'\n');
        }
        let names = joined(&mut lines.keys().map(|name| format!("\"{}\"", with_at(name))), " ");
        let kind = Algorithm::HmacSha256.name();
        let params = format!("\"@signature-params\": ({names});alg=\"{kind}\";keyid=\"{COMMON_KEY}\"");
        base.extend_from_slice(params.as_bytes());
        Id::from_bytes(keyed_hash(COMMON_KEY.as_bytes(), &base))
    })
}

/// Whether a name can be written in a line between quotes without an escape.
fn is_plain(name: &str) -> bool {
    let fits = |byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    name.bytes().all(fits)
}

/// A link to a nested message.
#[derive(Debug, PartialEq)]
pub(super) struct Link {
    pub id: Id,
    /// Whether no other message has the id: it is computed from all values, in a way that no other values share.
    pub is_proven: bool,
}

/// Computes the link to a received message.
///
/// Commitments in the message determine the id: the signatures, or else the hashes. They are not verified, so that such
/// a link is not proven; only an id that is computed from all values proves them. Removes a commitment that is only the
/// hash of the values: it adds no information, and may be present or not.
pub(super) fn settle(plain: &mut Values) -> Option<Link> {
    let mut links = Values::new();
    let mut is_proven = true;
    for (name, value) in plain.iter_mut().filter(|(name, _)| *name != COMMITMENTS) {
        match value {
            Value::Map(nested) => {
                if let Some(link) = settle(&mut nested.0) {
                    is_proven &= link.is_proven;
                    links.insert(name.clone(), Value::text(link.id.to_string()));
                }
            }
            value => is_proven &= is_clear(name, value.bytes().unwrap_or_default()),
        }
    }
    let id = hash(plain, &links);
    let Some(said) = plain.get(COMMITMENTS) else {
        return id.map(|id| Link { id, is_proven });
    };
    if let Some(id) = id
        && commitments(plain, id).as_ref() == Some(said)
    {
        plain.remove(COMMITMENTS);
        return Some(Link { id, is_proven });
    }
    let id = said_id(said)?;
    Some(Link { id, is_proven: false })
}

/// The combined id of a message's signatures, or else of its hashes, by its commitments.
fn said_id(said: &Value) -> Option<Id> {
    let Value::Map(said) = said else { return None };
    let is_signed = |value: &Value| matches!(value, Value::Map(fields) if fields.get("committer").is_some());
    let of = |signed: bool| {
        let ids = said.iter().filter(|(_, value)| is_signed(value) == signed);
        let ids = ids.map(|(id, _)| Id::parse(id, COMMITMENTS).ok());
        combined_id(&ids.collect::<Option<Vec<_>>>()?)
    };
    of(true).or_else(|| of(false))
}

/// Whether there are commitments in a message, or in a message nested in it.
pub(super) fn has_commitments(plain: &Values) -> bool {
    let nested = plain.values().filter_map(|value| match value {
        Value::Map(nested) => Some(&nested.0),
        _ => None,
    });
    plain.contains_key(COMMITMENTS) || nested.into_iter().any(has_commitments)
}

/// Whether no other name or value gives the same lines.
fn is_clear(name: &str, value: &[u8]) -> bool {
    let is_made = name.ends_with(LINK) || matches!(name, DIGEST | BODY_KEY) || name_of(name) != *name;
    !is_made && !value.windows(2).any(|pair| pair == b"\n\"")
}
