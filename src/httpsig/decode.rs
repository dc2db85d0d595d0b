//! From headers and a body to a message.

use super::encode::{BODY_KEY, DIGEST, IDS};
use super::escape::{header_of, name_of};
use super::fields::Fields;
use super::message::{MAX_DEPTH, Message, Value, Values, normal};
use super::multipart::{self, Parts, ReadPart};
use super::problem::{Fault, Problem};
use super::types::{TYPES, from_plain};
use crate::error::Result;

/// A message as it was read, its signatures aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    pub message: Message,
    /// What could not be read as it was meant.
    pub problems: Vec<Problem>,
    /// The names whose values were in the body, in the order of their bytes.
    pub(super) body_keys: Vec<String>,
    /// The names whose values were together in one field.
    pub(super) id_keys: Vec<String>,
    /// Whether the body says by itself how it is to be read.
    pub(super) is_clear: bool,
}

impl Decoded {
    /// `covered` says which fields are signed. These belong to the message even where HTTP itself has use for them, and
    /// only types that are signed as well are theirs.
    ///
    /// # Errors
    /// `BadResponse` for a body that is not what its content type says.
    pub fn new(fields: &Fields, body: &[u8], covered: impl Fn(&str) -> bool) -> Result<Self> {
        let mut problems = Vec::new();
        let boundary = fields.text("content-type").as_deref().and_then(multipart::boundary);
        let mut plain = Values::new();
        // First what is in the body, so that no header can take its place.
        let mut inline = fields.text(BODY_KEY).unwrap_or_else(|| "body".into());
        // Under another name, what is signed would be something else.
        if covered(DIGEST) && !covered(BODY_KEY) && inline != "body" {
            problems.push(Problem::new(Fault::BadField, BODY_KEY));
            inline = "body".into();
        }
        let Parts { parts, is_clear } = read_body(fields, body, boundary.as_deref(), inline)?;
        for ReadPart { path, value } in parts {
            let path = match path.split_once('/') {
                Some((_, rest)) => [&*top_of(&path), "/", rest].concat(),
                None => top_of(&path),
            };
            if !place(&mut plain, &path, value) {
                problems.push(Problem::new(Fault::Conflict, path));
            }
        }
        let body_keys: Vec<String> = plain.keys().cloned().collect();
        let mut lines = Values::new();
        for (name, value) in fields.iter() {
            let is_framing = matches!(name, "signature" | "signature-input" | DIGEST | BODY_KEY | IDS)
                || (name == "content-type" && boundary.is_some());
            if is_framing || (is_transport(name) && !covered(name)) {
                continue;
            }
            let value = value.trim_ascii();
            match lines.get_mut(&name_of(name)) {
                Some(Value::Bytes(before)) => before.extend_from_slice(&[b", ", value].concat()),
                _ => {
                    lines.insert(name_of(name), Value::Bytes(value.to_vec()));
                }
            }
        }
        let ids = fields
            .get(IDS)
            .map_or_else(|| Some(Values::new()), |ids| read_ids(&ids));
        let ids = ids.unwrap_or_else(|| {
            problems.push(Problem::new(Fault::BadField, IDS));
            Values::new()
        });
        let id_keys = ids.keys().cloned().collect();
        // Whichever is signed comes first.
        let (first, second) = if covered(IDS) { (ids, lines) } else { (lines, ids) };
        for (name, value) in first.into_iter().chain(second) {
            if !place(&mut plain, &name, value) {
                problems.push(Problem::new(Fault::Conflict, name));
            }
        }
        let types_are_signed = covered(TYPES);
        let may_have_type = |name: &str| {
            let in_body = covered(DIGEST) && body_keys.binary_search_by(|key| key.as_str().cmp(name)).is_ok();
            types_are_signed || !(in_body || covered(&header_of(name)) || covered(IDS))
        };
        let message = match from_plain(plain, may_have_type, &mut problems) {
            Value::Map(message) => message,
            // A reply may be a list as a whole.
            value => Message::from_iter([("body", value)]),
        };
        Ok(Self {
            message,
            problems,
            body_keys,
            id_keys,
            is_clear,
        })
    }
}

fn read_body(fields: &Fields, body: &[u8], boundary: Option<&str>, inline: String) -> Result<Parts> {
    if let Some(boundary) = boundary {
        return multipart::read(body, boundary, &inline);
    }
    let is_there = !body.is_empty() || fields.get(DIGEST).is_some();
    let part = is_there.then(|| ReadPart {
        path: inline,
        value: Value::Bytes(body.to_vec()),
    });
    Ok(Parts {
        parts: part.into_iter().collect(),
        is_clear: !multipart::has_parts(body),
    })
}

/// The name in the message under which a part lies.
fn top_of(path: &str) -> String {
    normal(&name_of(path.split('/').next().unwrap_or_default()))
}

/// Puts a value at its place, `a/b/c`. Says whether it was free.
fn place(plain: &mut Values, path: &str, value: Value) -> bool {
    if path.matches('/').count() >= MAX_DEPTH {
        return false;
    }
    let (ancestors, name) = path
        .rsplit_once('/')
        .map_or(("", path), |(ancestors, name)| (ancestors, name));
    let mut at = plain;
    for ancestor in ancestors.split('/').filter(|ancestor| !ancestor.is_empty()) {
        let next = at.entry(normal(ancestor)).or_insert_with(|| Value::Map(Message::new()));
        let Value::Map(next) = next else { return false };
        at = &mut next.0;
    }
    let name = normal(name);
    match (at.get_mut(&name), value) {
        (None, value) => {
            at.insert(name, value);
            true
        }
        (Some(Value::Map(Message(there))), Value::Map(Message(value))) => {
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
fn read_ids(text: &[u8]) -> Option<Values> {
    let mut rest = std::str::from_utf8(text).ok()?.trim();
    let mut ids = Values::new();
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
        ids.insert(id.into(), Value::Bytes(bytes));
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
