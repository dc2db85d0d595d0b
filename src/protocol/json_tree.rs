//! JSON as a tree.
//!
//! There is one type for all responses that the client reads. Code that serde generates for each response's shape would
//! be downloaded by every page.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::TextTag;

/// A JSON value. Numbers other than slots, and the value of a boolean, are not kept.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonTree {
    Null,
    Flag,
    /// A number that is not a whole number from 0 on.
    Number,
    Whole(u64),
    Text(String),
    List(Vec<JsonTree>),
    Map(Vec<(String, JsonTree)>),
}

impl JsonTree {
    /// The name of the value's type, for error messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag => "boolean",
            Self::Number | Self::Whole(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) => "object",
        }
    }

    /// A member of an object, where it exists.
    pub fn get(&self, name: &str) -> Option<&JsonTree> {
        match self {
            Self::Map(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// A nested member, by the names on the path to it.
    pub fn at(&self, path: &[&str]) -> Option<&JsonTree> {
        path.iter().try_fold(self, |tree, name| tree.get(name))
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn list(&self) -> Option<&[JsonTree]> {
        match self {
            Self::List(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entries of a list that are tags.
    pub fn tags(&self) -> Vec<TextTag> {
        let entries = self.list().unwrap_or_default();
        let part = |entry: &JsonTree, name| entry.get(name)?.text().map(String::from);
        entries
            .iter()
            .filter_map(|entry| {
                Some(TextTag {
                    name: part(entry, "name")?,
                    value: part(entry, "value")?,
                })
            })
            .collect()
    }
}

impl<'de> Deserialize<'de> for JsonTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

/// Accepts every type, so that serde's messages about wrong types are not compiled in.
struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = JsonTree;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<JsonTree, E> {
        Ok(JsonTree::Flag)
    }

    fn visit_i64<E>(self, _: i64) -> Result<JsonTree, E> {
        Ok(JsonTree::Number)
    }

    fn visit_u64<E>(self, number: u64) -> Result<JsonTree, E> {
        Ok(JsonTree::Whole(number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<JsonTree, E> {
        Ok(JsonTree::Number)
    }

    fn visit_unit<E>(self) -> Result<JsonTree, E> {
        Ok(JsonTree::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<JsonTree, E> {
        Ok(JsonTree::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<JsonTree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_element()? {
            entries.push(entry);
        }
        Ok(JsonTree::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<JsonTree, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = access.next_key::<JsonTree>()? {
            let value = access.next_value()?;
            if let JsonTree::Text(name) = name {
                members.push((name, value));
            }
        }
        Ok(JsonTree::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::Json;

    #[test]
    fn members_texts_lists_and_tags_are_found() {
        let text =
            r#"{"a":[{"name":"n","value":"v"},{"name":1,"value":"v"},7,-1,1.5,true,null],"b":{"c":{"d":"\u00e9"}}}"#;
        let tree = Json::new(text.into()).unwrap().tree().unwrap();
        assert_eq!(tree.at(&["b", "c", "d"]).unwrap().text(), Some("é"));
        assert_eq!(tree.at(&["b", "x", "d"]), None);
        assert_eq!(tree.get("a").unwrap().list().unwrap().len(), 7);
        let tags = tree.get("a").unwrap().tags();
        assert_eq!(tags.len(), 1);
        assert_eq!((&*tags[0].name, &*tags[0].value), ("n", "v"));
    }
}
