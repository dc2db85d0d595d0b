//! What a message says, and what its signatures cover of it.
//!
//! For each valid signature, the fields in its base, and the body if its digest is among them, are read as a message of
//! their own. The values of these messages come first; values that are not signed are added under the names that are left.
//! A signature covers a name if the final value equals the one in its own message. So nothing unsigned can change a covered
//! value, its type, or what is nested in it.

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

/// A message as it was read, and what is signed of it.
#[derive(Debug)]
pub struct Decoded {
    pub message: Message,
    pub claims: Vec<Claim>,
    /// What could not be read as it was meant; of signatures, what belongs to none of them.
    pub problems: Vec<Problem>,
}

impl Received {
    /// Reads the message. Signatures that are not valid, or were not concluded, are ignored.
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
        let mut signed: Vec<(usize, Signed)> = Vec::new();
        for (at, claim) in claims.iter().enumerate() {
            if let Some(fields) = claim.signed_fields() {
                let has_rest = claim.has_rest && fields.has(DIGEST);
                let part = Signed {
                    fields,
                    has_body: has_digest && !has_rest && fields.has(DIGEST),
                    has_rest,
                    links: &links,
                };
                signed.push((at, part));
            }
        }
        // A hash that anyone can make does not displace what a key has signed.
        let is_hash = |at: usize| matches!(claims[at].key, Key::Common(_));
        let (hashes, mut signed): (Vec<_>, Vec<_>) = signed.into_iter().partition(|(at, _)| is_hash(*at));
        signed.extend(hashes);
        let bodies = Bodies::new(body, &fields, &signed, &mut found);

        let mut values = Shared::default();
        let mut covered: Vec<Covered> = Vec::new();
        for (number, (_, part)) in signed.iter().enumerate() {
            // A node's hash covers what its signature covers.
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
                // A reply may be a list as a whole.
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
        // Several readings have the same problems.
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

/// Whether a name is not in a set yet, to which it is added. There is one kind of map, since each has code of its own.
fn is_new(set: &mut Values, name: &str) -> bool {
    set.insert(name.into(), Value::Bytes(Vec::new())).is_none()
}

/// All the lines of each field as one value.
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

/// What one valid signature is over.
#[derive(Clone)]
struct Signed<'a> {
    fields: &'a Fields,
    has_body: bool,
    /// The body without what is covered by its id.
    has_rest: bool,
    links: &'a Links,
}

impl PartialEq for Signed<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.fields, self.has_body, self.has_rest) == (other.fields, other.has_body, other.has_rest)
    }
}

/// What one valid signature covers.
#[derive(Clone)]
struct Covered {
    names: Vec<String>,
    is_list: bool,
}

impl<'a> Signed<'a> {
    /// The names of nested values whose ids are signed, and follow from the values.
    fn proven(&self) -> impl Iterator<Item = &'a str> {
        let (fields, links) = (self.fields, self.links);
        fields.names().filter_map(|name| links.proven(name))
    }

    /// What the message says that consists of nothing else.
    fn read(&self, body: Option<&BodyValues>, problems: &mut Vec<Problem>) -> Reading {
        let types = BodyValues::types(body, self.fields, problems);
        let fields = self.fields.iter().filter(|(name, _)| !self.links.has(name));
        Reading::new(joined(fields), body, &types, &Shared::default(), problems)
    }

    /// The names whose values in the message are those that were read, in the order of the signature's input.
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
        // What is empty may be nowhere but among the types.
        reading.values.0.iter().for_each(|(name, _)| add(name));
        Covered {
            names,
            is_list: reading.is_list,
        }
    }
}

impl Covered {
    /// Where the signed types say that the message is a list, that list is covered as a whole or not at all. It is under
    /// the name `body`, unless something that is not signed makes the message none.
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

/// The body as it is read for each signature that covers it, by the name of the value that has no name in it; or as it is
/// read where no signature covers it.
struct Bodies {
    by_inline: Vec<(String, BodyValues)>,
    is_signed: bool,
    /// The name that the message says.
    given: String,
}

impl Bodies {
    fn new(mut body: Body, fields: &Fields, signed: &[(usize, Signed)], problems: &mut Vec<Problem>) -> Self {
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
            // Under another name, what is signed would be something else.
            problems.push(Problem::new(Fault::BadField, BODY_KEY));
        }
        if !is_known && (!is_signed || has_links) {
            inlines.push(given.clone());
        }
        let mut by_inline = Vec::new();
        while let Some(inline) = inlines.pop() {
            // A large one is not copied without need.
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

    fn of(&self, part: &Signed) -> Option<&BodyValues> {
        part.has_body.then(|| self.by(&inline(part.fields)))?
    }

    fn by(&self, inline: &str) -> Option<&BodyValues> {
        let body = self.by_inline.iter().find(|(each, _)| each == inline);
        body.map(|(_, values)| values)
    }

    /// What a signature covers of the body if it covers some of it by ids.
    fn linked(&self, part: &Signed) -> Option<BodyValues> {
        if part.has_rest {
            let others: Vec<&str> = part.links.unproven(part.fields).collect();
            return Some(self.by(&inline(part.fields))?.among(&others, false));
        }
        let names: Vec<&str> = part.proven().collect();
        (!names.is_empty()).then(|| Some(self.by(&self.given)?.among(&names, true)))?
    }

    /// The names of these values.
    fn names(&self, part: &Signed) -> Vec<String> {
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
