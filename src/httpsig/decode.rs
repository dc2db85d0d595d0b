//! From headers and a body to a message.

use std::collections::BTreeMap;

use super::encode::{BODY_KEY, DIGEST, IDS};
use super::escape::unescape;
use super::fields::Fields;
use super::message::{MAX_DEPTH, Message, Value};
use super::multipart::{self, ReadPart};
use super::problem::{Fault, Problem};
use super::types::{Plain, PlainValue, from_plain};
use crate::error::Result;

/// A message as it was read, its signatures aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    pub message: Message,
    /// What could not be read as it was meant.
    pub problems: Vec<Problem>,
    /// The names whose values were in the body.
    pub(super) body_keys: Vec<String>,
    /// The names whose values were together in one field.
    pub(super) id_keys: Vec<String>,
}

impl Decoded {
    /// `keep` says which of the fields that HTTP itself has use for belong to the message all the same, because they are
    /// signed.
    ///
    /// # Errors
    /// `BadResponse` for a body that is not what its content type says.
    pub fn new(fields: &Fields, body: &[u8], keep: impl Fn(&str) -> bool) -> Result<Self> {
        let mut problems = Vec::new();
        let boundary = fields.text("content-type").as_deref().and_then(multipart::boundary);
        let mut plain = Plain::new();
        let mut body_keys = Vec::new();
        // First what is in the body, so that no header can take its place.
        for ReadPart { path, value } in parts(fields, body, boundary.as_deref())? {
            let top = path.split('/').next().unwrap_or_default();
            if body_keys.iter().all(|key| key != top) {
                body_keys.push(top.to_string());
            }
            if !place(&mut plain, &path, value) {
                problems.push(Problem::new(Fault::Conflict, path));
            }
        }
        let mut lines: BTreeMap<String, PlainValue> = BTreeMap::new();
        for (name, _) in fields.iter() {
            let is_framing = matches!(name, "signature" | "signature-input" | DIGEST | BODY_KEY | IDS)
                || (name == "content-type" && boundary.is_some());
            if is_framing || (is_transport(name) && !keep(name)) {
                continue;
            }
            if let Some(value) = fields.get(name) {
                lines.insert(unescape(name), PlainValue::Bytes(value));
            }
        }
        let mut id_keys = Vec::new();
        if let Some(ids) = fields.get(IDS) {
            match read_ids(&ids) {
                Some(ids) => {
                    id_keys.extend(ids.keys().cloned());
                    lines.extend(ids);
                }
                None => problems.push(Problem::new(Fault::BadField, IDS)),
            }
        }
        for (name, value) in lines {
            if !place(&mut plain, &name, value) {
                problems.push(Problem::new(Fault::Conflict, name));
            }
        }
        let message = match from_plain(plain, &mut problems) {
            Value::Map(message) => message,
            // A reply may be a list as a whole.
            value => Message::from_iter([("body", value)]),
        };
        Ok(Self {
            message,
            problems,
            body_keys,
            id_keys,
        })
    }
}

fn parts(fields: &Fields, body: &[u8], boundary: Option<&str>) -> Result<Vec<ReadPart>> {
    let inline = fields.text(BODY_KEY).unwrap_or_else(|| "body".into());
    match boundary {
        Some(boundary) => multipart::read(body, boundary, &inline),
        None if body.is_empty() && fields.get(DIGEST).is_none() => Ok(Vec::new()),
        None => Ok(vec![ReadPart {
            path: inline,
            value: PlainValue::Bytes(body.to_vec()),
        }]),
    }
}

/// Puts a value at its place, `a/b/c`. Says whether it was free.
fn place(plain: &mut Plain, path: &str, value: PlainValue) -> bool {
    if path.matches('/').count() >= MAX_DEPTH {
        return false;
    }
    let (ancestors, name) = path
        .rsplit_once('/')
        .map_or(("", path), |(ancestors, name)| (ancestors, name));
    let mut at = plain;
    for ancestor in ancestors.split('/').filter(|ancestor| !ancestor.is_empty()) {
        let next = at
            .entry(ancestor.to_string())
            .or_insert_with(|| PlainValue::Map(Plain::new()));
        let PlainValue::Map(next) = next else { return false };
        at = next;
    }
    match (at.get_mut(name), value) {
        (None, value) => {
            at.insert(name.into(), value);
            true
        }
        (Some(PlainValue::Map(there)), PlainValue::Map(value)) => {
            let free = value.keys().all(|name| !there.contains_key(name));
            for (name, value) in value {
                there.entry(name).or_insert(value);
            }
            free
        }
        _ => false,
    }
}

/// `id="value"` and so on: a dictionary whose keys may have capitals, and so none of RFC 8941.
fn read_ids(text: &[u8]) -> Option<BTreeMap<String, PlainValue>> {
    let mut rest = std::str::from_utf8(text).ok()?.trim();
    let mut ids = BTreeMap::new();
    while !rest.is_empty() {
        let (id, value) = rest.split_once("=\"")?;
        let mut bytes = Vec::new();
        let mut characters = value.bytes().enumerate();
        let end = loop {
            match characters.next()? {
                (at, b'"') => break at + 1,
                (_, b'\\') => bytes.push(characters.next()?.1),
                (_, byte) => bytes.push(byte),
            }
        };
        ids.insert(id.into(), PlainValue::Bytes(bytes));
        rest = value.get(end..)?.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
    }
    Some(ids)
}

/// What HTTP itself has use for.
fn is_transport(name: &str) -> bool {
    name.starts_with("access-control-") || TRANSPORT.contains(&name)
}

const TRANSPORT: [&str; 10] = [
    "alt-svc",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
];
