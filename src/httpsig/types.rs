//! Converts values to bytes and back. HTTP carries bytes, and the field `ao-types` holds the types of the others. A
//! list becomes a message whose names are 1, 2, 3 and so on, with the type `list` under the name `.`.

use sfv::{BareItem, ListEntry};

use super::fields::{glued, joined, parse_item, parse_list, split_at, text_of};
use super::message::{MAX_DEPTH, Message, Value, Values, normal};
use super::problem::{Fault, Problem};
use crate::ao_types::{self, AO_TYPES, MESSAGE_ENTRY, escape, float_text, is_token, unescape};
use crate::error::{Error, ErrorKind, Result};

/// How the types of a list begin.
pub(super) const LIST: &[u8] = b".=\"list\"";

/// Converts a message to one that contains only bytes and messages.
///
/// # Errors
/// `BadArgument` for values and names that cannot be encoded.
pub(super) fn to_plain(message: &Message) -> Result<Values> {
    plain_map(message.iter(), None, MAX_DEPTH)
}

fn plain_map<'a>(
    values: impl Iterator<Item = (&'a str, &'a Value)>,
    itself: Option<&'static str>,
    depth: usize,
) -> Result<Values> {
    let mut plain = Values::new();
    let mut types = Values::new();
    if let Some(kind) = itself {
        types.insert(MESSAGE_ENTRY.into(), kind.into());
    }
    for (name, value) in values {
        check_name(name)?;
        let (kind, value) = plain_value(name, value, depth)?;
        if let Some(kind) = kind {
            check_typed_name(name)?;
            types.insert(name.into(), kind.into());
        }
        plain.insert(name.into(), value);
    }
    if !types.is_empty() {
        let mut field = Vec::new();
        for (name, kind) in &types {
            ao_types::push_entry(&mut field, &escape(name), kind.bytes().unwrap_or_default());
        }
        plain.insert(AO_TYPES.into(), Value::Bytes(field));
    }
    Ok(plain)
}

fn plain_value(name: &str, value: &Value, depth: usize) -> Result<(Option<&'static str>, Value)> {
    let deeper = || {
        depth.checked_sub(1).ok_or_else(|| {
            bad(format!(
                "'{name}': Messages are nested more than {MAX_DEPTH} deep. Nest less"
            ))
        })
    };
    let text = |kind, text: String| Ok((Some(kind), Value::Bytes(text.into_bytes())));
    match value {
        Value::Bytes(bytes) => Ok((None, Value::Bytes(bytes.clone()))),
        Value::Integer(number) => text("integer", number.to_string()),
        Value::Float(number) if number.is_finite() => text("float", float_text(*number)),
        Value::Float(_) => Err(bad(format!(
            "'{name}': Expected a finite number. Others cannot be encoded"
        ))),
        Value::Atom(atom) if is_token(atom) => text("atom", atom.clone()),
        Value::Atom(atom) => Err(bad(format!("'{name}': \"{atom}\" cannot be an atom. Give it as text"))),
        Value::Map(message) => Ok((None, Value::Map(Message(plain_map(message.iter(), None, deeper()?)?)))),
        Value::List(values) => {
            let names: Vec<String> = (1..=values.len()).map(|number| number.to_string()).collect();
            let values = names.iter().map(String::as_str).zip(values);
            Ok((None, Value::Map(Message(plain_map(values, Some("list"), deeper()?)?))))
        }
    }
}

/// Checks a name. Names become names of headers or of parts, whose grammars have these characters in common.
fn check_name(name: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(bad(format!(
            "'{name}': Expected a name of letters, digits and !#$%&'*+-.^_`|~, as headers have"
        )));
    }
    let is_private = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("priv"));
    // A name that looks escaped would be read as another name.
    if unescape(name) != *name || is_private || RESERVED_NAMES.contains(&name) {
        return Err(bad(format!(
            "'{name}': Nodes use this name themselves, and those that begin with \"priv\". Take another one"
        )));
    }
    Ok(())
}

/// Checks a name that gets a type. Nodes write some names into `ao-types` in a form that they cannot read.
fn check_typed_name(name: &str) -> Result<()> {
    if name.starts_with('.') || name.contains(['+', '&']) {
        return Err(bad(format!(
            "'{name}': Only text, bytes and nested values can have such a name: nodes fail at its type. Take another one"
        )));
    }
    Ok(())
}

/// Names that a message must not contain.
const RESERVED_NAMES: [&str; 12] = [
    MESSAGE_ENTRY,
    "...",
    AO_TYPES,
    "ao-ids",
    "ao-body-key",
    "commitments",
    "content-digest",
    "content-disposition",
    "content-length",
    "signature",
    "signature-input",
    "unsigned_id",
];

/// The types in a field `ao-types`.
#[derive(Debug, Default)]
pub(super) struct Types(Values);

impl Types {
    pub fn read(text: &[u8], problems: &mut Vec<Problem>) -> Self {
        Self(parse_types(text).unwrap_or_else(|| {
            problems.push(Problem::new(Fault::BadField, AO_TYPES));
            Values::new()
        }))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(&normal(name))
    }

    /// Converts bytes to the value's type. Bytes that are not of the type stay bytes, and are reported as a problem.
    pub fn apply(&self, name: &str, bytes: Vec<u8>, problems: &mut Vec<Problem>) -> Value {
        let Some(kind) = self.0.get(&normal(name)).and_then(Value::bytes) else {
            return Value::Bytes(bytes);
        };
        typed(kind, &bytes).unwrap_or_else(|| {
            let kind = String::from_utf8_lossy(kind);
            problems.push(Problem::new(Fault::BadType, glued(&[name, " (", &kind, ")"])));
            Value::Bytes(bytes)
        })
    }

    /// The empty values. In older encodings they occur only in the types.
    pub fn empty_values(&self) -> impl Iterator<Item = (&str, Value)> {
        let kinds = self.0.iter();
        let kinds = kinds.filter(|(name, _)| *name != MESSAGE_ENTRY && *name != AO_TYPES && !name.contains('/'));
        kinds.filter_map(|(name, kind)| Some((name.as_str(), kind.bytes().and_then(empty)?)))
    }

    /// Whether the message is a list.
    pub fn is_list(&self) -> bool {
        self.0.get(MESSAGE_ENTRY).and_then(Value::bytes) == Some(b"list")
    }
}

/// Applies the types in a message to its values.
pub(super) fn from_plain(mut plain: Values, problems: &mut Vec<Problem>) -> Value {
    let types = match plain.remove(AO_TYPES) {
        Some(Value::Bytes(types)) => Types::read(&types, problems),
        _ => Types::default(),
    };
    let mut message = Message::new();
    for (name, value) in plain {
        let value = match value {
            Value::Map(plain) => from_plain(plain.0, problems),
            Value::Bytes(bytes) => types.apply(&name, bytes, problems),
            value => value,
        };
        message.set(&name, value);
    }
    for (name, value) in types.empty_values() {
        message.0.entry(name.into()).or_insert(value);
    }
    if types.is_list() {
        in_order(message, problems)
    } else {
        Value::Map(message)
    }
}

fn empty(kind: &[u8]) -> Option<Value> {
    match kind {
        b"empty-list" => Some(Value::List(Vec::new())),
        b"empty-message" => Some(Value::Map(Message::new())),
        b"empty-binary" => Some(Value::Bytes(Vec::new())),
        _ => None,
    }
}

/// Converts a message with the names 1, 2, 3 and so on to a list.
pub(super) fn in_order(message: Message, problems: &mut Vec<Problem>) -> Value {
    let numbers: Vec<String> = (1..=message.len()).map(|number| number.to_string()).collect();
    if numbers.iter().any(|number| message.get(number).is_none()) {
        problems.push(Problem::new(Fault::BadType, "a list with gaps"));
        return Value::Map(message);
    }
    let mut message = message;
    Value::List(numbers.iter().filter_map(|number| message.remove(number)).collect())
}

/// The types by name; `None` where one of them cannot be read.
fn parse_types(text: &[u8]) -> Option<Values> {
    let mut types = Values::new();
    for entry in ao_types::entries(std::str::from_utf8(text).ok()?) {
        let (name, kind) = ao_types::read_entry(entry);
        types.insert(normal(&name), Value::text(kind?.to_ascii_lowercase()));
    }
    Some(types)
}

/// The field without the entry of a name; `None` where there is no such entry. The other entries stay as they were
/// written.
pub(super) fn without_type(types: &[u8], name: &str) -> Option<Vec<u8>> {
    let entries = ao_types::entries(std::str::from_utf8(types).ok()?);
    let others = entries
        .clone()
        .filter(|entry| normal(&ao_types::read_entry(entry).0) != name);
    let has_it = others.clone().count() < entries.count();
    has_it.then(|| joined(&mut others.map(String::from), ", ").into_bytes())
}

fn typed(kind: &[u8], bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    match kind {
        b"integer" => text.trim().parse().ok().map(Value::Integer),
        b"float" => text
            .trim()
            .parse()
            .ok()
            .filter(|float: &f64| float.is_finite())
            .map(Value::Float),
        b"atom" => {
            let item = parse_item(text)?;
            match &item.bare_item {
                BareItem::Boolean(flag) => Some(Value::flag(*flag)),
                item => text_of(item).map(|atom| Value::Atom(atom.into())),
            }
        }
        b"list" => parse_list(text)?
            .iter()
            .map(list_member)
            .collect::<Option<_>>()
            .map(Value::List),
        b"empty-list" | b"empty-message" | b"empty-binary" if text.is_empty() => empty(kind),
        b"binary" => Some(Value::Bytes(bytes.to_vec())),
        _ => None,
    }
}

/// A member of a list within one field, as nodes of early 2025 and aoconnect write it: text that may begin with its
/// type. Such lists are not nested deep, since each level doubles the backslashes of the one within.
fn list_member(entry: &ListEntry) -> Option<Value> {
    let ListEntry::Item(item) = entry else { return None };
    match &item.bare_item {
        BareItem::Integer(number) => Some(Value::Integer(i64::from(*number).into())),
        BareItem::Decimal(number) => Some(Value::Float((*number).into())),
        BareItem::Boolean(flag) => Some(Value::flag(*flag)),
        BareItem::ByteSequence(bytes) => Some(Value::Bytes(bytes.clone())),
        BareItem::Token(atom) => Some(Value::Atom(atom.as_str().into())),
        BareItem::String(text) => match text
            .as_str()
            .strip_prefix("(ao-type-")
            .and_then(|rest| split_at(rest, ") "))
        {
            Some((kind, value)) => typed(kind.as_bytes(), value.as_bytes()),
            None => Some(Value::text(text.as_str())),
        },
        _ => None,
    }
}

pub(super) fn bad(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::BadArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_types_reads_every_form_in_use() {
        let types = parse_types(br#".="list", 1="integer", %41b=atom , a-b="Float""#).unwrap();
        let expected = [(".", "list"), ("1", "integer"), ("a-b", "float"), ("ab", "atom")];
        assert!(
            types
                .into_iter()
                .eq(expected.map(|(name, kind)| (name.to_string(), kind.into())))
        );
        assert_eq!(parse_types(b"empty-message").unwrap()["."], "empty-message".into());
        assert_eq!(parse_types(b"a=\"int"), None);
        assert_eq!(parse_types(b"a=1"), None);
    }
}
