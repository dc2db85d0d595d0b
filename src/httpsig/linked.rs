//! Nested values that a signature covers by their ids: it covers `x+link`, and the message contains `x` instead.

use super::decode::Body;
use super::digest::content_digest;
use super::fields::Fields;
use super::message::{Message, Value, Values, normal};
use super::multipart;
use super::names::{DIGEST, LINK, bare, inline};
use super::nested::{Link, settle};

/// The values of a body that signatures cover as links.
#[derive(Debug, Default)]
pub(super) struct Links {
    links: Vec<Linked>,
    /// The body without these values.
    rest: Option<Rest>,
    /// Whether the body consists of these values only, and all of them are proven.
    are_all: bool,
}

#[derive(Debug)]
struct Linked {
    /// The covered name, which ends with `+link`.
    name: String,
    /// The name of the value in the message.
    target: String,
    link: Link,
}

/// The body that was signed: without the values that are links in the signature base.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    pub digest: String,
    /// The content type, for a body of several parts. Without it, parts could not be distinguished from text
    /// that looks like parts.
    pub content_type: Option<String>,
    /// Whether the body does not look like parts.
    pub is_clear: bool,
}

impl Links {
    /// Finds the links. `names` are the names of all components of all signatures.
    pub fn find<'a>(names: impl Iterator<Item = &'a str>, fields: &Fields, body: &Body) -> Self {
        let mut found = Self::default();
        let inline = inline(fields);
        let mut values = Values::new();
        for name in names.map(bare) {
            let Some(target) = name
                .strip_suffix(LINK)
                .filter(|_| !fields.has(name) && !found.has(name))
            else {
                continue;
            };
            if values.is_empty() {
                values = body.clone().into_plain(&inline, &mut Vec::new());
            }
            let target = normal(target);
            if let Some(Value::Map(Message(plain))) = values.get_mut(&target)
                && let Some(link) = settle(plain)
            {
                let name = name.into();
                found.links.push(Linked { name, target, link });
            }
        }
        for Linked { target, .. } in &found.links {
            values.remove(target);
        }
        if !found.links.is_empty() {
            found.are_all = values.is_empty() && found.links.iter().all(|linked| linked.link.is_proven);
            found.rest = rest(&values, &inline);
        }
        found
    }

    /// Adds the links to the fields from which components are taken.
    pub fn complete(&self, fields: &mut Fields) {
        for Linked { name, link, .. } in &self.links {
            fields.put(name, link.id.to_string());
        }
    }

    fn get(&self, name: &str) -> Option<&Linked> {
        self.links.iter().find(|each| each.name == name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The name of the value that a link replaces, if no other value can have this id.
    pub fn proven(&self, name: &str) -> Option<&str> {
        let linked = self.get(name).filter(|linked| linked.link.is_proven);
        linked.map(|linked| linked.target.as_str())
    }

    /// Whether a signature covers all links, as the signatures of nodes do.
    fn are_named(&self, covers: impl Fn(&str) -> bool) -> bool {
        !self.links.is_empty() && self.links.iter().all(|linked| covers(&linked.name))
    }

    /// Whether a signature covers the whole body by links.
    pub fn cover_body(&self, covers: impl Fn(&str) -> bool) -> bool {
        self.are_all && self.are_named(covers)
    }

    /// The body whose digest a signature covers that also covers links.
    pub fn rest(&self, covers: impl Fn(&str) -> bool) -> Option<&Rest> {
        self.rest.as_ref().filter(|_| covers(DIGEST) && self.are_named(&covers))
    }

    /// The names of the values for links among these fields whose ids do not prove the values.
    pub fn unproven<'a>(&'a self, fields: &'a Fields) -> impl Iterator<Item = &'a str> {
        let linked = fields.names().filter_map(|name| self.get(name));
        let unproven = linked.filter(|linked| !linked.link.is_proven);
        unproven.map(|linked| linked.target.as_str())
    }
}

/// Encodes values as a body; `None` where one of them is a message. `inline` is the name of the value that needs none.
fn rest(values: &Values, inline: &str) -> Option<Rest> {
    if values.is_empty() || values.values().any(|value| value.bytes().is_none()) {
        return None;
    }
    if let (1, Some(bytes)) = (values.len(), values.get(inline).and_then(Value::bytes)) {
        return Some(Rest {
            digest: content_digest(bytes),
            content_type: None,
            is_clear: !multipart::has_parts(bytes),
        });
    }
    let parts = multipart::write(values, inline);
    Some(Rest {
        digest: content_digest(&parts.body),
        content_type: Some(parts.content_type()),
        is_clear: false,
    })
}
