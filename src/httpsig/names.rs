//! Names with a meaning of their own in messages, headers and signatures.

use super::fields::Fields;

pub(super) const DIGEST: &str = "content-digest";
pub(super) const BODY_KEY: &str = "ao-body-key";
pub(super) const IDS: &str = "ao-ids";
pub(super) const CONTENT_TYPE: &str = "content-type";

/// The name under which a message holds what was signed of it.
pub(super) const COMMITMENTS: &str = "commitments";
/// The end of the name of a value that is elsewhere.
pub(super) const LINK: &str = "+link";

/// Names before which nodes write an `@` in one place of the signature base, and none in another.
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

/// More names than this Erlang has in no order.
pub(super) const MAX_ORDERED: usize = 32;

/// The name of a component without the `@` before it.
pub(super) fn bare(name: &str) -> &str {
    name.strip_prefix('@').unwrap_or(name)
}

pub(super) fn inline(fields: &Fields) -> String {
    fields.text(BODY_KEY).unwrap_or_else(|| "body".into())
}
