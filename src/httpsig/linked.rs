//! Nested values that a signature covers by their ids: it names `x+link`, and the message carries `x`.

use super::base::bare;
use super::covered::inline;
use super::decode::Body;
use super::digest::content_digest;
use super::fields::Fields;
use super::message::{Message, Value, Values, normal};
use super::multipart;
use super::nested::{LINK, Link, settle};

/// The values of a body that signatures name as links.
#[derive(Debug, Default)]
pub(super) struct Links {
    links: Vec<Linked>,
    /// All the values of the body, if there are links.
    body: Values,
    /// The name of the one that has none.
    inline: String,
}

/// The body as it was when it was signed: without what stands in the base as a link.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    pub digest: String,
    /// Of several parts. Nothing else tells them from text that looks like them.
    pub content_type: Option<String>,
    /// Whether it is text that does not look like parts.
    pub is_clear: bool,
}

#[derive(Debug)]
struct Linked {
    /// With `+link` at its end.
    name: String,
    /// The name of what is carried.
    target: String,
    link: Link,
}

impl Links {
    /// `names` are those of all components.
    pub fn find<'a>(names: impl Iterator<Item = &'a str>, fields: &Fields, body: &Body) -> Self {
        let mut found = Self::default();
        for name in names.map(bare) {
            let Some(target) = name
                .strip_suffix(LINK)
                .filter(|_| !fields.has(name) && !found.has(name))
            else {
                continue;
            };
            if found.body.is_empty() {
                found.inline = inline(fields);
                found.body = body.clone().into_plain(&found.inline, &mut Vec::new());
            }
            let target = normal(target);
            if let Some(Value::Map(Message(plain))) = found.body.get_mut(&target)
                && let Some(link) = settle(plain)
            {
                let name = name.into();
                found.links.push(Linked { name, target, link });
            }
        }
        found
    }

    /// Adds the links to the fields among which components are looked for.
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

    /// The name of the value that a link stands for, if no other value has this id.
    pub fn proven(&self, name: &str) -> Option<&str> {
        let linked = self.get(name).filter(|linked| linked.link.is_proven);
        linked.map(|linked| linked.target.as_str())
    }

    /// Whether components name all that is in the body.
    pub fn cover_body<'a>(&self, names: impl Iterator<Item = &'a str>) -> bool {
        let mut covered: Vec<&str> = names.filter_map(|name| self.proven(bare(name))).collect();
        covered.sort_unstable();
        covered.dedup();
        !covered.is_empty() && covered.len() == self.body.len()
    }

    /// The names of what is carried for the links among components.
    pub fn targets<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<&str> {
        names.filter_map(|name| Some(&*self.get(bare(name))?.target)).collect()
    }

    /// The body without these values.
    pub fn rest(&self, targets: &[&str]) -> Option<Rest> {
        let rest = self.body.iter().filter(|(name, _)| !targets.contains(&name.as_str()));
        let rest: Values = rest.map(|(name, value)| (name.clone(), value.clone())).collect();
        let are_bytes = rest.values().all(|value| value.bytes().is_some());
        if targets.is_empty() || rest.is_empty() || !are_bytes {
            return None;
        }
        if let (1, Some(bytes)) = (rest.len(), rest.get(&self.inline).and_then(Value::bytes)) {
            return Some(Rest {
                digest: content_digest(bytes),
                content_type: None,
                is_clear: !multipart::has_parts(bytes),
            });
        }
        let parts = multipart::write(&rest, &self.inline);
        Some(Rest {
            digest: content_digest(&parts.body),
            content_type: Some(parts.content_type()),
            is_clear: false,
        })
    }

    /// The names of what is carried for links that are among these fields, and does not follow from them.
    pub fn unproven<'a>(&'a self, fields: &'a Fields) -> impl Iterator<Item = &'a str> {
        let linked = fields.names().filter_map(|name| self.get(name));
        linked
            .filter(|linked| !linked.link.is_proven)
            .map(|linked| linked.target.as_str())
    }
}
