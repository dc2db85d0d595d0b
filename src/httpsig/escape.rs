//! Names of headers. Headers have lower-case names only, and ids are case-sensitive: an id is escaped in a header's
//! name.

use std::borrow::Cow;

use super::message::is_id;
use crate::ao_types::{escape, unescape};

/// The header's name for a name in a message. Only ids are escaped.
pub(super) fn header_of(name: &str) -> Cow<'_, str> {
    if is_id(name) { escape(name) } else { name.into() }
}

/// The name in a message for a header's name.
pub(super) fn name_of(header: &str) -> String {
    let name = unescape(header);
    if is_id(&name) { name } else { header.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_as_names_of_headers() {
        let id = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
        assert_eq!(header_of("a~b"), "a~b");
        assert_eq!(name_of("a%7eb"), "a%7eb");
        assert_eq!(name_of(&header_of(id)), id);
    }
}
