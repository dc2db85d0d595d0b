//! AO-Core messages: nested maps of names and values.

use std::collections::BTreeMap;

/// How deep messages may be nested. Real messages are far below it.
pub const MAX_DEPTH: usize = 64;

/// A value in a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Bytes(Vec<u8>),
    Integer(i128),
    Float(f64),
    /// An Erlang atom, such as `true`, `false` or `ok`.
    Atom(String),
    List(Vec<Value>),
    Map(Message),
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Bytes(text.into().into_bytes())
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub fn flag(flag: bool) -> Self {
        Self::Atom(flag.to_string())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// Values by name. One type serves typed and untyped messages: each type of map adds code that pages would download.
pub(super) type Values = BTreeMap<String, Value>;

/// A message: values by name. Names are case-insensitive, except ids. They are kept in lower case and sorted by their
/// bytes, the order in which nodes write them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Message(pub(super) Values);

impl Message {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(&normal(name))
    }

    /// Sets a value. Returns the previous one.
    pub fn set(&mut self, name: &str, value: Value) -> Option<Value> {
        self.0.insert(normal(name), value)
    }

    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.remove(&normal(name))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<N: AsRef<str>> FromIterator<(N, Value)> for Message {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(values: I) -> Self {
        let mut message = Self::new();
        for (name, value) in values {
            message.set(name.as_ref(), value);
        }
        message
    }
}

impl IntoIterator for Message {
    type Item = (String, Value);
    type IntoIter = std::collections::btree_map::IntoIter<String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Whether nodes take a name for an id, whose case they keep. They check only its length: that of base64url of 32
/// bytes, of an Ethereum address, or 32 bytes.
pub(super) fn is_id(name: &str) -> bool {
    matches!(name.len(), 32 | 42 | 43)
}

/// The name as messages keep it: in lower case, except ids.
pub(super) fn normal(name: &str) -> String {
    if is_id(name) {
        name.into()
    } else {
        name.to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_case_insensitive_unless_they_are_ids() {
        let id = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
        let message: Message = [("Action", "Eval".into()), (id, "x".into())].into_iter().collect();
        assert_eq!(message.get("ACTION"), Some(&"Eval".into()));
        assert_eq!(message.get(id), Some(&"x".into()));
        assert_eq!(message.get(&id.to_lowercase()), None);
    }
}
