//! Names in lower case: headers have no other, and ids live by their case. HyperBEAM writes every byte but the plain ones
//! as `%` and two digits.

use std::borrow::Cow;

use super::message::is_id;

pub(super) fn escape(name: &str) -> Cow<'_, str> {
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

/// Reads a name. What would not be written like this is no escape: another name must not pass for this one.
pub(super) fn unescape(name: &str) -> String {
    match percent_encoding::percent_decode_str(name).decode_utf8() {
        Ok(unescaped) if escape(&unescaped) == name => unescaped.into_owned(),
        _ => name.into(),
    }
}

/// The header of a name: only ids are escaped there.
pub(super) fn header_of(name: &str) -> Cow<'_, str> {
    if is_id(name) { escape(name) } else { name.into() }
}

/// The name of a header.
pub(super) fn name_of(header: &str) -> String {
    let name = unescape(header);
    if is_id(&name) { name } else { header.into() }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_/?&+".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_lower_case() {
        let id = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
        let escaped = escape(id);
        assert_eq!(escaped, escaped.to_lowercase());
        assert_eq!(unescape(&escaped), id);
        assert_eq!(escape("content-type"), "content-type");
        assert_eq!(unescape("100%"), "100%");
        assert_eq!(unescape("%ff"), "%ff");
        assert_eq!(unescape("%61ction"), "%61ction");
        assert_eq!(header_of("a~b"), "a~b");
        assert_eq!(name_of("a%7eb"), "a%7eb");
        assert_eq!(name_of(&header_of(id)), id);
    }
}
