//! Types: HTTP carries bytes, and the field `ao-types` says what else they were. A list becomes a message whose names are
//! 1, 2, 3 …, marked as a list under the name `.`.

use std::collections::BTreeMap;

use sfv::{BareItem, ListEntry};

use super::escape::{escape, unescape};
use super::fields::{parse_item, parse_list, text_of};
use super::message::{MAX_DEPTH, Message, Value, normal};
use super::problem::{Fault, Problem};
use crate::error::{Error, ErrorKind, Result};

pub(super) const TYPES: &str = "ao-types";

/// The name that says what the message itself is.
const ITSELF: &str = ".";

/// A message of which only bytes are left.
pub(super) type Plain = BTreeMap<String, PlainValue>;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum PlainValue {
    Bytes(Vec<u8>),
    Map(Plain),
}

/// # Errors
/// `BadArgument` for what has no form on the wire.
pub(super) fn to_plain(message: &Message) -> Result<Plain> {
    plain_map(message.iter(), None, MAX_DEPTH)
}

fn plain_map<'a>(
    values: impl Iterator<Item = (&'a str, &'a Value)>,
    itself: Option<&'static str>,
    depth: usize,
) -> Result<Plain> {
    let mut plain = Plain::new();
    let mut types: BTreeMap<&str, &str> = itself.map(|kind| (ITSELF, kind)).into_iter().collect();
    for (name, value) in values {
        check_name(name)?;
        let (kind, value) = plain_value(name, value, depth)?;
        types.extend(kind.map(|kind| (name, kind)));
        plain.insert(name.into(), value);
    }
    if !types.is_empty() {
        let types = types.iter().map(|(name, kind)| format!("{}=\"{kind}\"", escape(name)));
        let types = types.collect::<Vec<_>>().join(", ");
        plain.insert(TYPES.into(), PlainValue::Bytes(types.into_bytes()));
    }
    Ok(plain)
}

fn plain_value(name: &str, value: &Value, depth: usize) -> Result<(Option<&'static str>, PlainValue)> {
    let deeper = || {
        depth.checked_sub(1).ok_or_else(|| {
            bad(format!(
                "'{name}': Messages are nested more than {MAX_DEPTH} deep. Nest less"
            ))
        })
    };
    let text = |kind, text: String| Ok((Some(kind), PlainValue::Bytes(text.into_bytes())));
    match value {
        Value::Bytes(bytes) => Ok((None, PlainValue::Bytes(bytes.clone()))),
        Value::Integer(number) => text("integer", number.to_string()),
        Value::Float(number) if number.is_finite() => text("float", show_float(*number)),
        Value::Float(_) => Err(bad(format!(
            "'{name}': Expected a finite number. There is no other on the wire"
        ))),
        Value::Atom(atom) if is_token(atom) => text("atom", atom.clone()),
        Value::Atom(atom) => Err(bad(format!("'{name}': \"{atom}\" cannot be an atom. Give it as text"))),
        Value::Map(message) => Ok((None, PlainValue::Map(plain_map(message.iter(), None, deeper()?)?))),
        Value::List(values) => {
            let names: Vec<String> = (1..=values.len()).map(|number| number.to_string()).collect();
            let values = names.iter().map(String::as_str).zip(values);
            Ok((None, PlainValue::Map(plain_map(values, Some("list"), deeper()?)?)))
        }
    }
}

/// Names travel as names of headers or of parts, whose grammars have these characters in common.
fn check_name(name: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(bad(format!(
            "'{name}': Expected a name of letters, digits and !#$%&'*+-.^_`|~, as headers have"
        )));
    }
    // A percent sign would be read as an escape.
    if unescape(name) != *name || RESERVED.contains(&name) {
        return Err(bad(format!(
            "'{name}': Nodes use this name themselves. Take another one"
        )));
    }
    Ok(())
}

const RESERVED: [&str; 10] = [
    TYPES,
    "ao-ids",
    "ao-body-key",
    "commitments",
    "content-digest",
    "content-disposition",
    "content-length",
    "priv",
    "signature",
    "signature-input",
];

/// As Erlang writes a float: 20 digits after the point, and an exponent of at least two. A node that signs or verifies
/// writes it anew, so another form would be another message.
fn show_float(number: f64) -> String {
    let text = format!("{number:.20e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

fn is_token(text: &str) -> bool {
    let first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'*';
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte);
    text.as_bytes().first().is_some_and(first) && text.bytes().all(rest)
}

/// A message with its types. What is not of its type stays as it is, and is a problem. `may_have_type` says which values
/// at the top may have one.
pub(super) fn from_plain(plain: Plain, may_have_type: impl Fn(&str) -> bool, problems: &mut Vec<Problem>) -> Value {
    let mut plain = plain;
    let mut types = match plain.remove(TYPES) {
        Some(PlainValue::Bytes(types)) => parse_types(&types).unwrap_or_else(|| {
            problems.push(Problem::new(Fault::BadField, TYPES));
            BTreeMap::new()
        }),
        _ => BTreeMap::new(),
    };
    types.retain(|name, _| may_have_type(name));
    let any = |_: &str| true;
    let mut message = Message::new();
    for (name, value) in plain {
        let value = match value {
            PlainValue::Map(plain) => from_plain(plain, any as fn(&str) -> bool, problems),
            PlainValue::Bytes(bytes) => match types.get(&normal(&name)) {
                None => Value::Bytes(bytes),
                Some(kind) => typed(kind, &bytes).unwrap_or_else(|| {
                    problems.push(Problem::new(Fault::BadType, format!("{name} ({kind})")));
                    Value::Bytes(bytes)
                }),
            },
        };
        message.set(&name, value);
    }
    // What is empty has no place of its own in older forms.
    for (name, kind) in &types {
        if let Some(value) = empty(kind)
            && message.get(name).is_none()
        {
            message.set(name, value);
        }
    }
    match types.get(ITSELF).map(String::as_str) {
        Some("list") => in_order(message, problems),
        _ => Value::Map(message),
    }
}

fn empty(kind: &str) -> Option<Value> {
    match kind {
        "empty-list" => Some(Value::List(Vec::new())),
        "empty-message" => Some(Value::Map(Message::new())),
        "empty-binary" => Some(Value::Bytes(Vec::new())),
        _ => None,
    }
}

fn in_order(message: Message, problems: &mut Vec<Problem>) -> Value {
    let numbers: Vec<String> = (1..=message.len()).map(|number| number.to_string()).collect();
    if numbers.iter().any(|number| message.get(number).is_none()) {
        problems.push(Problem::new(Fault::BadType, "a list with gaps"));
        return Value::Map(message);
    }
    let mut message = message;
    Value::List(numbers.iter().filter_map(|number| message.remove(number)).collect())
}

/// `name="type"` and so on. These names may start with a digit, and hold `%`, so this is no dictionary of RFC 8941.
fn parse_types(text: &[u8]) -> Option<BTreeMap<String, String>> {
    let text = std::str::from_utf8(text).ok()?;
    let members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
    members
        .map(|member| match member.split_once('=') {
            // A name alone: the message itself is empty.
            None => Some((ITSELF.into(), member.to_ascii_lowercase())),
            Some((name, kind)) => {
                let kind = match kind.strip_prefix('"') {
                    Some(kind) => kind.strip_suffix('"')?,
                    None => kind,
                };
                is_token(kind).then(|| (normal(&unescape(name)), kind.to_ascii_lowercase()))
            }
        })
        .collect()
}

fn typed(kind: &str, bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    match kind {
        "integer" => text.trim().parse().ok().map(Value::Integer),
        "float" => text
            .trim()
            .parse()
            .ok()
            .filter(|float: &f64| float.is_finite())
            .map(Value::Float),
        "atom" => {
            let item = parse_item(text)?;
            match &item.bare_item {
                BareItem::Boolean(flag) => Some(Value::flag(*flag)),
                item => text_of(item).map(|atom| Value::Atom(atom.into())),
            }
        }
        "list" => parse_list(text)?
            .iter()
            .map(list_member)
            .collect::<Option<_>>()
            .map(Value::List),
        "empty-list" | "empty-message" | "empty-binary" if text.is_empty() => empty(kind),
        "binary" => Some(Value::Bytes(bytes.to_vec())),
        _ => None,
    }
}

/// A list within one field, as nodes of early 2025 and aoconnect write it: text that may begin with its type. Nobody nests
/// these deep: each level doubles the backslashes of the one within.
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
            .and_then(|rest| rest.split_once(") "))
        {
            Some((kind, value)) => typed(kind, value.as_bytes()),
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
    fn floats_are_written_as_erlang_does() {
        for (number, expected) in [
            (0.0, "0.00000000000000000000e+00"),
            (1.1, "1.10000000000000008882e+00"),
            (-1.5, "-1.50000000000000000000e+00"),
            (1e-7, "9.99999999999999954748e-08"),
            (1e100, "1.00000000000000001590e+100"),
        ] {
            assert_eq!(show_float(number), expected);
        }
    }

    #[test]
    fn types_are_read_in_every_form_that_is_in_use() {
        let types = parse_types(br#".="list", 1="integer", %41b=atom , a-b="Float""#).unwrap();
        let types: Vec<_> = types
            .iter()
            .map(|(name, kind)| (name.as_str(), kind.as_str()))
            .collect();
        assert_eq!(
            types,
            [(".", "list"), ("1", "integer"), ("a-b", "float"), ("ab", "atom")]
        );
        assert_eq!(parse_types(b"empty-message").unwrap()["."], "empty-message");
        assert_eq!(parse_types(b"a=\"int"), None);
        assert_eq!(parse_types(b"a=1"), None);
    }
}
