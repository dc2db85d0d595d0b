//! The field `ao-types` of HyperBEAM messages: it lists which values are not plain text, and their types.
//!
//! A node writes every value as text or bytes. `ao-types` holds the types, as `name="type", name="type"`. The entry `.` is
//! the type of the message itself. HTTP messages (`httpsig`), the local node (`local`) and the results of nodes
//! (`protocol`) use this module.

use std::borrow::Cow;

/// The field's name.
pub(crate) const AO_TYPES: &str = "ao-types";

/// The entry that holds the type of the message itself.
pub(crate) const MESSAGE_ENTRY: &str = ".";

/// Appends one entry to the field. The name is written as it is: [`escape`] it first where it may need that.
pub(crate) fn push_entry(field: &mut Vec<u8>, name: &str, kind: &[u8]) {
    if !field.is_empty() {
        field.extend_from_slice(b", ");
    }
    field.extend_from_slice(name.as_bytes());
    field.extend_from_slice(b"=\"");
    field.extend_from_slice(kind);
    field.push(b'"');
}

/// Splits the field into its entries, each as it was written. [`read_entry`] reads one.
///
/// Names may start with a digit and contain `%`, so the field is no dictionary of RFC 8941.
pub(crate) fn entries(field: &str) -> impl Iterator<Item = &str> + Clone {
    field.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// Reads an entry: the name with its escapes resolved, and the type, which is `None` where it is not a token.
///
/// An entry without a name is the type of the message itself: an empty message is written as `empty-message`.
pub(crate) fn read_entry(entry: &str) -> (String, Option<&str>) {
    let (name, kind) = entry.split_once('=').unwrap_or((MESSAGE_ENTRY, entry));
    let kind = match kind.strip_prefix('"') {
        Some(kind) => kind.strip_suffix('"'),
        None => Some(kind),
    };
    (unescape(name), kind.filter(|kind| is_token(kind)))
}

/// Writes a float as Erlang does: 20 digits after the point, and an exponent of at least two digits. A node that signs or
/// verifies a message writes the float again, so any other form would be another message.
pub(crate) fn float_text(number: f64) -> String {
    let text = format!("{number:.20e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// Whether the text is a token of RFC 8941, as types and atoms are.
pub(crate) fn is_token(text: &str) -> bool {
    let first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'*';
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte);
    text.as_bytes().first().is_some_and(first) && text.bytes().all(rest)
}

/// Escapes a name as HyperBEAM does: every byte but lower-case letters, digits and `.-_/?&+` becomes `%` and two
/// hexadecimal digits. Header names have no upper case, and ids are case-sensitive.
pub(crate) fn escape(name: &str) -> Cow<'_, str> {
    if name.bytes().all(is_plain) {
        return name.into();
    }
    let mut escaped = String::with_capacity(name.len() * 2);
    for byte in name.bytes() {
        if is_plain(byte) {
            escaped.push(byte.into());
        } else {
            escaped.push('%');
            for digit in [byte >> 4, byte & 15] {
                escaped.extend(char::from_digit(digit.into(), 16));
            }
        }
    }
    escaped.into()
}

/// Resolves the escapes of a name. A name that [`escape`] would write differently is returned as it is: otherwise two
/// names would be read as the same one.
pub(crate) fn unescape(name: &str) -> String {
    match percent_encoding::percent_decode_str(name).decode_utf8() {
        Ok(unescaped) if escape(&unescaped) == name => unescaped.into_owned(),
        _ => name.into(),
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_/?&+".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float_text_is_what_erlang_writes() {
        for (number, expected) in [
            (0.0, "0.00000000000000000000e+00"),
            (1.1, "1.10000000000000008882e+00"),
            (-1.5, "-1.50000000000000000000e+00"),
            (1e-7, "9.99999999999999954748e-08"),
            (1e100, "1.00000000000000001590e+100"),
        ] {
            assert_eq!(float_text(number), expected);
        }
    }

    #[test]
    fn escape_writes_ids_in_lower_case_and_unescape_restores_them() {
        let id = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
        let escaped = escape(id);
        assert_eq!(escaped, escaped.to_lowercase());
        assert_eq!(unescape(&escaped), id);
        assert_eq!(escape("content-type"), "content-type");
        assert_eq!(unescape("100%"), "100%");
        assert_eq!(unescape("%ff"), "%ff");
        assert_eq!(unescape("%61ction"), "%61ction");
    }

    #[test]
    fn entries_are_read_in_every_form_in_use() {
        let read = |field| -> Vec<_> { entries(field).map(read_entry).collect() };
        let some = |name: &str, kind| (name.to_owned(), Some(kind));
        assert_eq!(
            read(r#".="list", 1="integer", %41b=atom , a-b="Float""#),
            [
                some(".", "list"),
                some("1", "integer"),
                some("Ab", "atom"),
                some("a-b", "Float")
            ]
        );
        assert_eq!(read("empty-message"), [some(".", "empty-message")]);
        assert_eq!(read("a=\"int"), [("a".to_owned(), None)]);
        assert_eq!(read("a=1"), [("a".to_owned(), None)]);
    }

    #[test]
    fn push_entry_writes_what_entries_reads() {
        let mut field = Vec::new();
        push_entry(&mut field, ".", b"list");
        push_entry(&mut field, "1", b"float");
        assert_eq!(field, br#".="list", 1="float""#);
    }
}
