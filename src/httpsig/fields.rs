//! Fields of HTTP messages, and structured fields (RFC 8941). The `sfv` crate reads and writes the latter.

use sfv::visitor::{DictionaryVisitor, EntryVisitor};
use sfv::{
    BareItem, DictSerializer, FieldType, InnerList, Item, KeyRef, List, ListEntry, ListSerializer, Parser, Version,
};

/// Header fields in their order: names in lower case, and the value of each line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line.
    pub fn add(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.push((name.to_ascii_lowercase(), value.into()));
    }

    /// Adds a field that is not a header line. Its name may have upper case.
    pub(super) fn put(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.push((name.into(), value.into()));
    }

    /// Replaces a field.
    pub(super) fn replace(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.retain(|(each, _)| each != name);
        self.put(name, value);
    }

    /// The lines of a field, without the white space around them.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.0.iter().filter(move |(each, _)| each == name);
        lines.map(|(_, value)| value.trim_ascii())
    }

    /// The lines of a field, joined into one value (RFC 9421 section 2.1).
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let mut lines = self.lines(name);
        let mut all = lines.next()?.to_vec();
        for line in lines {
            all.extend_from_slice(b", ");
            all.extend_from_slice(line);
        }
        Some(all)
    }

    /// The names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names().any(|each| each == name)
    }

    /// A field's value, where it is UTF-8.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(|value| String::from_utf8(value).ok())
    }

    /// Names and values. Values have one character for each byte, as in `fetch`.
    pub fn to_text(&self) -> impl Iterator<Item = (String, String)> {
        let text = |value: &[u8]| value.iter().map(|byte| char::from(*byte)).collect();
        self.iter().map(move |(name, value)| (name.into(), text(value)))
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

impl<N: AsRef<str>, V: Into<Vec<u8>>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Self {
        let mut fields = Self::new();
        for (name, value) in lines {
            fields.add(name.as_ref(), value);
        }
        fields
    }
}

/// A dictionary's members in their order. Keeps repeated keys: by RFC 8941 the last one counts, but RFC 9421 does not
/// allow such signatures.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Dictionary {
    keys: Vec<String>,
    values: List,
}

impl Dictionary {
    pub fn parse(text: impl AsRef<[u8]>) -> Option<Self> {
        let mut members = Self::default();
        parser(text.as_ref()).parse_dictionary_with_visitor(&mut members).ok()?;
        Some(members)
    }

    pub fn get(&self, key: &str) -> Option<&ListEntry> {
        self.iter().find(|(each, _)| *each == key).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &ListEntry)> {
        self.keys.iter().map(String::as_str).zip(&self.values)
    }
}

impl<'de> DictionaryVisitor<'de> for Dictionary {
    type Error = std::convert::Infallible;

    fn entry(&mut self, key: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Self::Error> {
        self.keys.push(key.as_str().into());
        Ok(&mut self.values)
    }
}

pub(super) fn parse_item(text: impl AsRef<[u8]>) -> Option<Item> {
    parser(text.as_ref()).parse().ok()
}

pub(super) fn parse_list(text: impl AsRef<[u8]>) -> Option<List> {
    parser(text.as_ref()).parse().ok()
}

fn parser(text: &[u8]) -> Parser<'_> {
    Parser::new(text).with_version(Version::Rfc8941)
}

/// A value in the canonical form of RFC 8941 section 4.1. The field's type is not known here, so that it is tried as an
/// item, as a list and as a dictionary. Very few texts are valid as two of these and have two canonical forms.
pub fn canonical(text: &[u8]) -> Option<String> {
    if let Some(item) = parse_item(text) {
        return Some(item.serialize());
    }
    if let Some(list) = parse_list(text) {
        return list.serialize();
    }
    let mut dictionary = sfv::Dictionary::new();
    parser(text).parse_dictionary_with_visitor(&mut dictionary).ok()?;
    dictionary.serialize()
}

/// Writes a member of a dictionary or of a list.
pub(super) fn show(entry: &ListEntry) -> String {
    let mut serializer = ListSerializer::new();
    serializer.members([entry]);
    serializer.finish().unwrap_or_default()
}

/// Writes an inner list with parameters, as in `Signature-Input`.
pub(super) fn show_inner_list(list: &InnerList) -> String {
    show(&list.clone().into())
}

/// Writes `key=:base64:`.
pub(super) fn show_bytes(key: &str, bytes: &[u8]) -> Option<String> {
    let mut serializer = DictSerializer::new();
    let _ = serializer.bare_item(KeyRef::from_str(key).ok()?, bytes);
    serializer.finish()
}

/// The text of a string or a token.
pub(super) fn text_of(item: &BareItem) -> Option<&str> {
    match item {
        BareItem::String(text) => Some(text.as_str()),
        BareItem::Token(text) => Some(text.as_str()),
        _ => None,
    }
}

/// Joins texts. (The standard library's `join` adds half a kilobyte for each type of parts.)
pub(super) fn joined(parts: &mut dyn Iterator<Item = String>, between: &str) -> String {
    let mut all = String::new();
    for part in parts {
        if !all.is_empty() {
            all.push_str(between);
        }
        all.push_str(&part);
    }
    all
}

/// Concatenates texts. (The standard library's `concat` adds half a kilobyte.)
pub(super) fn glued(parts: &[&str]) -> String {
    joined(&mut parts.iter().map(|part| String::from(*part)), "")
}

/// Splits a text at the first occurrence of another. (The standard library's `split_once` with a text adds a kilobyte.)
pub(super) fn split_at<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let mut places = text.as_bytes().windows(separator.len().max(1));
    let at = places.position(|place| place == separator.as_bytes())?;
    text.get(..at).zip(text.get(at + separator.len()..))
}
