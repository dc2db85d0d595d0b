//! Names that have a meaning in messages, headers and signatures.

use super::fields::Fields;

/// The digest of the body (RFC 9530).
pub(super) const DIGEST: &str = "content-digest";
/// Holds the name of the value that is the body.
pub(super) const BODY_KEY: &str = "ao-body-key";
/// Holds values whose names are ids, in the dialect of September 2025.
pub(super) const IDS: &str = "ao-ids";
pub(super) const CONTENT_TYPE: &str = "content-type";

/// The name under which a message holds its commitments: signatures and hashes.
pub(super) const COMMITMENTS: &str = "commitments";
/// The suffix of the name of a link: the value is an id, and the message with that id is elsewhere.
pub(super) const LINK: &str = "+link";

/// Names that nodes write with an `@` in front in the signature parameters, and without it in the lines of the base.
pub(super) const DERIVED: [&str; 8] = [
    "authority",
    "method",
    "path",
    "query",
    "query-param",
    "request-target",
    "scheme",
    "target-uri",
];

/// The most names of a map that Erlang keeps in order.
pub(super) const MAX_ORDERED: usize = 32;

/// A component's name without the `@` in front.
pub(super) fn bare(name: &str) -> &str {
    name.strip_prefix('@').unwrap_or(name)
}

/// The name of the value that is the body, or the part without a name.
pub(super) fn inline(fields: &Fields) -> String {
    fields.text(BODY_KEY).unwrap_or_else(|| "body".into())
}
