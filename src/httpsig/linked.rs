//! Nested values that a signature covers by their ids: it names `x+link`, and the message carries `x`.

use super::base::bare;
use super::covered::inline;
use super::decode::Body;
use super::fields::Fields;
use super::message::{Message, Value, normal};
use super::nested::{LINK, Link, settle};

/// The values of a body that signatures name as links.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Links {
    links: Vec<Linked>,
    /// How many values the body has.
    count: usize,
}

#[derive(Debug, PartialEq)]
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
        let mut values = None;
        for name in names.map(bare) {
            let Some(target) = name.strip_suffix(LINK).filter(|_| !fields.has(name) && !found.has(name)) else {
                continue;
            };
            let values = values.get_or_insert_with(|| body.clone().into_plain(&inline(fields), &mut Vec::new()));
            found.count = values.len();
            let target = normal(target);
            if let Some(Value::Map(Message(plain))) = values.get_mut(&target)
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
        self.count > 0 && covered.len() == self.count
    }
}
