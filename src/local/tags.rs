//! Tags by name.

use crate::ans104::Tag;

/// The value of the first tag with this name, if it is UTF-8.
pub(crate) fn value<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    let tag = tags.iter().find(|tag| tag.has_name(name))?;
    std::str::from_utf8(&tag.value).ok()
}

/// Like [`value`]. If no tag has exactly this name, the first whose name differs only in case counts.
pub(crate) fn value_any_case<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    let other = || {
        let tag = tags.iter().find(|tag| tag.name.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(&tag.value).ok()
    };
    value(tags, name).or_else(other)
}

/// Whether there is a tag with this name and value.
pub(crate) fn contain(tags: &[Tag], name: &str, value: &str) -> bool {
    tags.iter()
        .any(|tag| tag.has_name(name) && tag.value == value.as_bytes())
}
