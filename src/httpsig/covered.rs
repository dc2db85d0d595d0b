//! Decodes a received message, and finds out which of its values each signature covers.
//!
//! For each valid signature, the fields in its base, and the body if its digest is one of them, are read as a separate
//! message. The values of these messages come first. Values that are not signed are added under names that are still
//! free. A signature covers a name if the final value equals the one in its separate message. Therefore unsigned data
//! cannot change a covered value, its type, or the values nested in it.

use std::rc::Rc;

use super::decode::{Body, BodyValues, Reading, Shared};
use super::escape::name_of;
use super::fields::Fields;
use super::linked::Links;
use super::message::{Message, Value, Values, normal};
use super::names::{BODY_KEY, DIGEST, IDS, inline};
use super::problem::{Fault, Problem};
use super::types::in_order;
use super::verify::{Claim, Key, Received};
use crate::ao_types::AO_TYPES;

/// A decoded message, and which of its values are signed.
#[derive(Debug)]
pub struct Decoded {
    pub message: Message,
    pub claims: Vec<Claim>,
    /// What could not be read, and problems of signatures that belong to no claim.
    pub problems: Vec<Problem>,
}

impl Received {
    /// Decodes the message. Ignores signatures that are not valid, or on which [`Claim::conclude`] was not called.
    pub fn decode(self) -> Decoded {
        let Self {
            mut claims,
            mut problems,
            fields,
            body,
            has_digest,
            links,
        } = self;
        let mut found = Vec::new();
        let mut signed: Vec<(usize, SignedPart)> = Vec::new();
        for (at, claim) in claims.iter().enumerate() {
            if let Some(fields) = claim.signed_fields() {
                let has_rest = claim.has_rest && fields.has(DIGEST);
                let part = SignedPart {
                    fields,
                    has_body: has_digest && !has_rest && fields.has(DIGEST),
                    has_rest,
                    links: &links,
                };
                signed.push((at, part));
            }
        }
        // The key of a keyed hash is public. Its values must not come before those that a private key signed.
        let is_hash = |at: usize| matches!(claims[at].key, Key::Common(_));
        let (hashes, mut signed): (Vec<_>, Vec<_>) = signed.into_iter().partition(|(at, _)| is_hash(*at));
        signed.extend(hashes);
        let bodies = Bodies::new(body, &fields, &signed, &mut found);

        let mut values = Shared::default();
        let mut covered: Vec<Covered> = Vec::new();
        for (number, (_, part)) in signed.iter().enumerate() {
            // A node's keyed hash usually covers the same as its signature.
            let same = signed[..number].iter().position(|(_, each)| each == part);
            covered.push(match same {
                Some(same) => covered[same].clone(),
                None => {
                    let linked = bodies.linked(part);
                    let body = bodies.of(part).or(linked.as_ref());
                    let reading = part.read(body, &mut found);
                    for (name, value) in &reading.values.0 {
                        if values.get(name).is_some_and(|there| there != &**value) {
                            found.push(Problem::new(Fault::Conflict, name.as_str()));
                        }
                    }
                    values = values.with(&reading.values);
                    part.covered(body, &reading, &values)
                }
            });
        }

        let mut names = Values::new();
        for name in signed.iter().flat_map(|(_, part)| part.fields.names()) {
            is_new(&mut names, name);
        }
        let rest = fields
            .iter()
            .filter(|(name, _)| !names.contains_key(*name) && !is_transport(name));
        let types = BodyValues::types(bodies.any(), &fields, &mut found);
        let taken: Vec<String> = signed.iter().flat_map(|(_, part)| bodies.names(part)).collect();
        let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
        let unsigned = bodies.unsigned().map(|body| body.among(&taken, false));
        let rest = Reading::new(joined(rest), unsigned.as_ref(), &types, &values, &mut found);
        let is_list = match values.0.is_empty() {
            true => rest.is_list,
            false => covered.iter().any(|covered| covered.is_list),
        };
        values = values.with(&rest.values);
        drop((bodies, rest));

        let count = values.0.len();
        let mut message = Message::new();
        for (name, value) in values.0 {
            let value = Rc::try_unwrap(value).unwrap_or_else(|value| (*value).clone());
            message.0.insert(name, value);
        }
        let mut length = None;
        if is_list {
            message = match in_order(message, &mut found) {
                Value::Map(message) => message,
                // The whole response may be a list.
                list => {
                    length = Some(count);
                    Message::from_iter([("body", list)])
                }
            };
        }
        covered.iter_mut().for_each(|covered| covered.settle_list(length));
        let places: Vec<usize> = signed.iter().map(|(at, _)| *at).collect();
        for (at, covered) in places.into_iter().zip(covered) {
            claims[at].covered = covered.names;
        }
        // The separate messages have some problems in common.
        let mut seen = Values::new();
        found.retain(|problem| is_new(&mut seen, &problem.to_string()));
        problems.append(&mut found);
        Decoded {
            message,
            claims,
            problems,
        }
    }
}

/// Adds a name to a set. Returns whether it is new. The set is a `Values` map, since each type of map adds code to the
/// artefact.
fn is_new(set: &mut Values, name: &str) -> bool {
    set.insert(name.into(), Value::Bytes(Vec::new())).is_none()
}

/// Joins the lines of each field into one value.
fn joined<'a>(lines: impl Iterator<Item = (&'a str, &'a [u8])>) -> Values {
    let mut joined = Values::new();
    for (name, value) in lines {
        let value = value.trim_ascii();
        match joined.get_mut(name) {
            Some(Value::Bytes(before)) => {
                before.extend_from_slice(b", ");
                before.extend_from_slice(value);
            }
            _ => {
                joined.insert(name.into(), Value::Bytes(value.into()));
            }
        }
    }
    joined
}

/// What a valid signature signs.
#[derive(Clone)]
struct SignedPart<'a> {
    fields: &'a Fields,
    has_body: bool,
    /// Whether the digest is that of the body without the values that are covered by their ids.
    has_rest: bool,
    links: &'a Links,
}

impl PartialEq for SignedPart<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.fields, self.has_body, self.has_rest) == (other.fields, other.has_body, other.has_rest)
    }
}

/// What a valid signature covers of the decoded message.
#[derive(Clone)]
struct Covered {
    names: Vec<String>,
    is_list: bool,
}

impl<'a> SignedPart<'a> {
    /// The names of nested values whose ids are signed and were computed from the values.
    fn proven(&self) -> impl Iterator<Item = &'a str> {
        let (fields, links) = (self.fields, self.links);
        fields.names().filter_map(|name| links.proven(name))
    }

    /// Reads the message that consists only of what the signature signs.
    fn read(&self, body: Option<&BodyValues>, problems: &mut Vec<Problem>) -> Reading {
        let types = BodyValues::types(body, self.fields, problems);
        let fields = self.fields.iter().filter(|(name, _)| !self.links.has(name));
        Reading::new(joined(fields), body, &types, &Shared::default(), problems)
    }

    /// The names whose values in the decoded message equal the signed ones, in the order of the signature's input.
    fn covered(&self, body: Option<&BodyValues>, reading: &Reading, message: &Shared) -> Covered {
        let mut names = Vec::new();
        let mut seen = Values::new();
        let mut add = |name: &str| {
            let is_same = match reading.values.get(name) {
                Some(value) => message.get(name) == Some(value),
                None => name == AO_TYPES,
            };
            if is_same && is_new(&mut seen, name) {
                names.push(name.to_string());
            }
        };
        for field in self.fields.names() {
            match field {
                DIGEST => body.into_iter().flat_map(BodyValues::names).for_each(&mut add),
                IDS => reading.ids.iter().for_each(|id| add(id)),
                BODY_KEY => {}
                _ if self.links.has(field) => self.links.proven(field).into_iter().for_each(&mut add),
                _ => add(&normal(&name_of(field))),
            }
        }
        // An empty value may exist in the types only.
        reading.values.0.iter().for_each(|(name, _)| add(name));
        Covered {
            names,
            is_list: reading.is_list,
        }
    }
}

impl Covered {
    /// Handles a message that is a list by its signed types. The list is covered as a whole or not at all. Its name is
    /// `body`, unless an unsigned value makes the message no list.
    fn settle_list(&mut self, length: Option<usize>) {
        if !self.is_list && length.is_none() {
            return;
        }
        let names = self.names.iter().filter(|name| *name != AO_TYPES).count();
        self.names.retain(|name| name == AO_TYPES);
        if self.is_list && names > 0 && length == Some(names) {
            self.names.insert(0, "body".into());
        }
    }
}

/// The readings of the body, by the name of the value that has no name in it. Signatures may give that value different
/// names. There is one reading for each signature that covers the body, or one where no signature does.
struct Bodies {
    by_inline: Vec<(String, BodyValues)>,
    is_signed: bool,
    /// The name that the message's own fields give.
    given: String,
}

impl Bodies {
    fn new(mut body: Body, fields: &Fields, signed: &[(usize, SignedPart)], problems: &mut Vec<Problem>) -> Self {
        let mut inlines: Vec<String> = Vec::new();
        for (_, part) in signed.iter().filter(|(_, part)| part.has_body || part.has_rest) {
            let inline = inline(part.fields);
            if !inlines.contains(&inline) {
                inlines.push(inline);
            }
        }
        let is_signed = signed.iter().any(|(_, part)| part.has_body);
        let has_links = signed
            .iter()
            .any(|(_, part)| part.has_rest || part.proven().next().is_some());
        let given = inline(fields);
        let is_known = inlines.contains(&given);
        if !inlines.is_empty() && !is_known {
            // The signed value has another name than the message's fields give it.
            problems.push(Problem::new(Fault::BadField, BODY_KEY));
        }
        if !is_known && (!is_signed || has_links) {
            inlines.push(given.clone());
        }
        let mut by_inline = Vec::new();
        while let Some(inline) = inlines.pop() {
            // The last reading takes the body, so that a large one is not copied without need.
            let body = match inlines.is_empty() {
                true => std::mem::take(&mut body),
                false => body.clone(),
            };
            let values = body.into_values(&inline, problems);
            by_inline.push((inline, values));
        }
        Self {
            by_inline,
            is_signed,
            given,
        }
    }

    fn of(&self, part: &SignedPart) -> Option<&BodyValues> {
        part.has_body.then(|| self.by(&inline(part.fields)))?
    }

    fn by(&self, inline: &str) -> Option<&BodyValues> {
        let body = self.by_inline.iter().find(|(each, _)| each == inline);
        body.map(|(_, values)| values)
    }

    /// The values of the body that a signature covers, where it covers some of them by their ids.
    fn linked(&self, part: &SignedPart) -> Option<BodyValues> {
        if part.has_rest {
            let others: Vec<&str> = part.links.unproven(part.fields).collect();
            return Some(self.by(&inline(part.fields))?.among(&others, false));
        }
        let names: Vec<&str> = part.proven().collect();
        (!names.is_empty()).then(|| Some(self.by(&self.given)?.among(&names, true)))?
    }

    /// The names of the values in [`linked`](Self::linked).
    fn names(&self, part: &SignedPart) -> Vec<String> {
        let values = self.linked(part);
        values.iter().flat_map(BodyValues::names).map(Into::into).collect()
    }

    fn any(&self) -> Option<&BodyValues> {
        self.by_inline.first().map(|(_, values)| values)
    }

    fn unsigned(&self) -> Option<&BodyValues> {
        self.any().filter(|_| !self.is_signed)
    }
}

/// Whether a header belongs to HTTP itself and not to the message.
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
