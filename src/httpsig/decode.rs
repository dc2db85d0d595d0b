//! Reads a message from fields and a body, without regard to signatures. Its values come from three places: the body,
//! header lines, and the field `ao-ids`.

use std::rc::Rc;

use super::escape::name_of;
use super::fields::{Fields, glued, split_at};
use super::message::{MAX_DEPTH, Message, Value, Values, normal};
use super::multipart::{self, MultipartBody, ReadPart};
use super::names::{BODY_KEY, CONTENT_TYPE, DIGEST, IDS};
use super::nested::{has_commitments, settle};
use super::problem::{Fault, Problem};
use super::types::{Types, from_plain};
use crate::ao_types::AO_TYPES;
use crate::error::Result;

/// A body, read by its content type.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    parts: Vec<ReadPart>,
    pub has_parts: bool,
    /// Whether the bytes alone show how to read them: parts are in the one form that nodes write, and other bytes are
    /// not in that form.
    pub is_clear: bool,
}

impl Body {
    /// # Errors
    /// `BadResponse` for a body that does not have the format of its content type.
    pub fn read(fields: &Fields, body: &[u8]) -> Result<Self> {
        if let Some(boundary) = fields.text(CONTENT_TYPE).as_deref().and_then(multipart::boundary) {
            let MultipartBody { parts, is_clear } = multipart::read(body, &boundary)?;
            return Ok(Self {
                parts,
                has_parts: true,
                is_clear,
            });
        }
        let is_there = !body.is_empty() || fields.get(DIGEST).is_some();
        let part = is_there.then(|| ReadPart {
            path: None,
            value: Value::Bytes(body.to_vec()),
        });
        Ok(Self {
            parts: part.into_iter().collect(),
            has_parts: false,
            is_clear: !multipart::has_parts(body),
        })
    }

    /// The values of the body, without types. `inline` is the name for the value that has none.
    pub fn into_plain(self, inline: &str, problems: &mut Vec<Problem>) -> Values {
        let mut plain = Values::new();
        for ReadPart { path, value } in self.parts {
            let path = path.unwrap_or_else(|| inline.into());
            let path = match path.split_once('/') {
                Some((top, rest)) => glued(&[&top_name(top), "/", rest]),
                None => top_name(&path),
            };
            if !place(&mut plain, &path, value) {
                problems.push(Problem::new(Fault::Conflict, path));
            }
        }
        plain
    }

    /// The values of the body. `inline` is the name for the value that has none.
    pub fn into_values(self, inline: &str, problems: &mut Vec<Problem>) -> BodyValues {
        let mut plain = self.into_plain(inline, problems);
        // Types that are too long for a header are a part of the body.
        let types = match plain.remove(AO_TYPES) {
            Some(Value::Bytes(types)) => Some(types),
            _ => None,
        };
        let values = plain.into_iter().map(|(name, value)| match value {
            Value::Map(Message(mut plain)) => {
                if has_commitments(&plain) {
                    settle(&mut plain);
                }
                (name, Rc::new(from_plain(plain, problems)))
            }
            value => (name, Rc::new(value)),
        });
        BodyValues {
            values: Shared(values.collect()),
            types,
        }
    }
}

/// Values that several readings share, sorted by name. It is a list, since each type of map adds code to the artefact.
#[derive(Debug, Default)]
pub(super) struct Shared(pub Vec<(String, Rc<Value>)>);

impl Shared {
    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(each, _)| each.as_str().cmp(name)).ok()?;
        Some(&self.0[at].1)
    }

    /// Adds the values of another one under names that are still free.
    pub fn with(self, other: &Self) -> Self {
        let mut both = Vec::with_capacity(self.0.len() + other.0.len());
        let mut rest = other.0.iter().peekable();
        for each in self.0 {
            while let Some(before) = rest.next_if(|(name, _)| *name < each.0) {
                both.push(before.clone());
            }
            rest.next_if(|(name, _)| *name == each.0);
            both.push(each);
        }
        both.extend(rest.cloned());
        Self(both)
    }
}

/// The values of a body, by their names in the message. The values in nested messages have their types; the others do
/// not.
#[derive(Debug)]
pub(super) struct BodyValues {
    values: Shared,
    types: Option<Vec<u8>>,
}

impl BodyValues {
    /// The names, including that of the types.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.values.0.iter().map(|(name, _)| name.as_str());
        names.chain(self.types.as_ref().map(|_| AO_TYPES))
    }

    /// The values that have one of the names, or with `among` false, those that have none of them.
    pub fn among(&self, names: &[&str], among: bool) -> Self {
        let values = self.values.0.iter();
        let values = values.filter(|(name, _)| names.contains(&name.as_str()) == among);
        Self {
            values: Shared(values.cloned().collect()),
            types: self.types.clone().filter(|_| !among),
        }
    }

    /// The types in the body, or else in the fields.
    pub fn types(body: Option<&Self>, fields: &Fields, problems: &mut Vec<Problem>) -> Types {
        let in_body = body.and_then(|body| body.types.clone());
        let text = in_body.or_else(|| fields.get(AO_TYPES));
        text.map_or_else(Types::default, |text| Types::read(&text, problems))
    }
}

/// The message that some fields contain, with a body or without.
pub(super) struct Reading {
    pub values: Shared,
    /// The names in `ao-ids`.
    pub ids: Vec<String>,
    /// Whether the types say that the message is a list.
    pub is_list: bool,
}

impl Reading {
    /// `lines` are the fields, with the lines of each joined. `types` are the types to apply, of the fields or of the
    /// body. `taken` are values that must not be replaced.
    pub fn new(
        mut lines: Values,
        body: Option<&BodyValues>,
        types: &Types,
        taken: &Shared,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let no_values = Shared::default();
        let in_body = body.map_or(&no_values, |body| &body.values);
        let mut values = Values::new();
        for (name, value) in &in_body.0 {
            match &**value {
                _ if taken.get(name).is_some() => problems.push(Problem::new(Fault::Conflict, name.as_str())),
                Value::Bytes(bytes) if types.has(name) => {
                    values.insert(name.clone(), types.apply(name, bytes.clone(), problems));
                }
                _ => {}
            }
        }
        for name in ["signature", "signature-input", DIGEST, BODY_KEY, AO_TYPES] {
            lines.remove(name);
        }
        let kind = lines.get(CONTENT_TYPE).and_then(Value::bytes);
        let kind = kind.and_then(|kind| std::str::from_utf8(kind).ok());
        if kind.and_then(multipart::boundary).is_some() {
            lines.remove(CONTENT_TYPE);
        }
        let in_ids = match lines.remove(IDS) {
            Some(Value::Bytes(ids)) => read_ids(&ids).unwrap_or_else(|| {
                problems.push(Problem::new(Fault::BadField, IDS));
                Vec::new()
            }),
            _ => Vec::new(),
        };
        let ids = in_ids.iter().map(|(id, _)| normal(id)).collect();
        let lines = lines.into_iter().map(|(name, value)| (name_of(&name), value));
        for (given, value) in lines.chain(in_ids) {
            let name = normal(&given);
            let Value::Bytes(bytes) = value else { continue };
            // A field must not add to a nested value, or set types.
            if name.contains('/') || name == AO_TYPES {
                problems.push(Problem::new(Fault::BadField, given));
            } else if values.contains_key(&name) || in_body.get(&name).or_else(|| taken.get(&name)).is_some() {
                problems.push(Problem::new(Fault::Conflict, name));
            } else {
                let value = types.apply(&name, bytes, problems);
                values.insert(name, value);
            }
        }
        for (name, value) in types.empty_values() {
            if in_body.get(name).or_else(|| taken.get(name)).is_none() {
                values.entry(name.into()).or_insert(value);
            }
        }
        let values = values.into_iter().map(|(name, value)| (name, Rc::new(value)));
        Self {
            values: Shared(values.collect()).with(in_body),
            ids,
            is_list: types.is_list(),
        }
    }
}

/// The name in the message for the first segment of a part's path.
fn top_name(name: &str) -> String {
    normal(&name_of(name))
}

/// Inserts a value at a path, `a/b/c`. Returns whether the path was free. Only names at the top are in lower case: the
/// hash of a nested message includes its names as they are.
fn place(plain: &mut Values, path: &str, value: Value) -> bool {
    if path.matches('/').count() >= MAX_DEPTH {
        return false;
    }
    let (ancestors, name) = path
        .rsplit_once('/')
        .map_or(("", path), |(ancestors, name)| (ancestors, name));
    let mut at = plain;
    for ancestor in ancestors.split('/').filter(|ancestor| !ancestor.is_empty()) {
        let next = at.entry(ancestor.into()).or_insert_with(|| Value::Map(Message::new()));
        let Value::Map(next) = next else { return false };
        at = &mut next.0;
    }
    match (at.get_mut(name), value) {
        (None, value) => {
            at.insert(name.into(), value);
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

/// Reads `id="value", …`. Its keys may have upper case, so that it is no dictionary of RFC 8941.
fn read_ids(text: &[u8]) -> Option<Vec<(String, Value)>> {
    let mut rest = std::str::from_utf8(text).ok()?.trim();
    let mut ids = Vec::new();
    while !rest.is_empty() {
        let (id, value) = split_at(rest, "=\"")?;
        let mut bytes = Vec::new();
        let mut characters = value.bytes().enumerate();
        let end = loop {
            match characters.next()? {
                (at, b'"') => break at + 1,
                (_, b'\\') => bytes.push(characters.next()?.1),
                (_, byte) => bytes.push(byte),
            }
        };
        ids.push((id.into(), Value::Bytes(bytes)));
        rest = value.get(end..)?.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
    }
    Some(ids)
}
