//! The tags of data items that are requests to HyperBEAM nodes.
//!
//! Some of the tags select the format of the response. A node takes tags with certain names for fields of the item or
//! of the request, so that these names are refused.

use super::PROTOCOL;
use crate::ans104::Tag;
use crate::error::{Error, ErrorKind, Result};

/// The value of the tag `Variant` for HyperBEAM nodes.
pub const MAINNET_VARIANT: &str = "ao.N.1";

/// The format of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One JSON document that holds everything.
    Json,
    /// Fields as HTTP headers.
    Headers,
}

impl Form {
    fn tags(self) -> [(&'static str, &'static str); 3] {
        let codec = match self {
            Self::Json => ("require-codec", "application/json"),
            Self::Headers => ("accept-codec", "httpsig@1.0"),
        };
        [("signing-format", "ans104"), ("accept-bundle", "true"), codec]
    }
}

/// Names of the tags that the protocol adds. Tags of the caller with these names are dropped.
const OWN: [&str; 3] = ["data-protocol", "type", "variant"];

/// Names that a node takes for fields of the request or of the item.
const FIELDS: [&str; 6] = ["target", "anchor", "data", "path", "method", "dryrun"];

/// The tags of an item that is a request: the caller's tags, the response's format, the protocol's tags.
///
/// # Errors
/// `BadTags` for names that a node takes for a field of the request.
pub fn request_tags(tags: Vec<Tag>, form: Form, kind: &str) -> Result<Vec<Tag>> {
    let own = form.tags();
    let mut all = Vec::with_capacity(tags.len() + 6);
    for tag in tags {
        let named = |name: &str| tag.name.eq_ignore_ascii_case(name.as_bytes());
        if FIELDS.into_iter().any(named) {
            let name = String::from_utf8_lossy(&tag.name);
            return Err(Error::new(
                ErrorKind::BadTags,
                format!("A node takes a tag named \"{name}\" for a part of the request. Give the tag another name"),
            ));
        }
        if !OWN.into_iter().any(named) && !own.iter().any(|(name, _)| named(name)) {
            all.push(tag);
        }
    }
    all.extend(own.map(|(name, value)| Tag::new(name, value)));
    all.extend(protocol_tags(kind, MAINNET_VARIANT));
    Ok(all)
}

/// The protocol's tags, which come last in every item.
pub fn protocol_tags(kind: impl Into<Vec<u8>>, variant: impl Into<Vec<u8>>) -> [Tag; 3] {
    [
        Tag::new("Data-Protocol", PROTOCOL),
        Tag::new("Type", kind),
        Tag::new("Variant", variant),
    ]
}

/// The tags that define a process: aoconnect's defaults, each replaced by the caller's tags of the same name, then the
/// caller's other tags.
pub fn definition_tags(given: &[Tag], module: Option<&str>, scheduler: &str, authority: &str) -> Vec<Tag> {
    let usual = [
        ("device", Some("process@1.0")),
        ("scheduler-device", Some("scheduler@1.0")),
        ("push-device", Some("push@1.0")),
        ("execution-device", Some("genesis-wasm@1.0")),
        ("Authority", Some(authority)),
        ("Scheduler", Some(scheduler)),
        ("Module", module),
    ];
    let named = |tag: &Tag, name: &str| tag.name.eq_ignore_ascii_case(name.as_bytes());
    let mut all = Vec::new();
    for (name, value) in usual {
        let before = all.len();
        all.extend(given.iter().filter(|tag| named(tag, name)).cloned());
        if let (true, Some(value)) = (all.len() == before, value) {
            all.push(Tag::new(name, value));
        }
    }
    let others = given
        .iter()
        .filter(|tag| !usual.iter().any(|(name, _)| named(tag, name)));
    all.extend(others.cloned());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::tests::tags;

    #[test]
    fn request_tags_keep_the_callers_tags_and_add_the_format() {
        let end = "signing-format=ans104 accept-bundle=true require-codec=application/json \
                   Data-Protocol=ao Type=Message Variant=ao.N.1";
        let with = |given: &str| request_tags(tags(given), Form::Json, "Message");
        assert_eq!(with("").unwrap(), tags(end));
        assert_eq!(with("A=1 B=2 A=3").unwrap(), tags(&format!("A=1 B=2 A=3 {end}")));
        assert_eq!(
            with("Type=x variant=y Accept-Bundle=no a=b").unwrap(),
            tags(&format!("a=b {end}"))
        );
        for name in ["path", "Target", "DATA"] {
            assert_eq!(with(&format!("{name}=x")).unwrap_err().kind(), ErrorKind::BadTags);
        }
        let spawned = request_tags(vec![], Form::Headers, "Process").unwrap();
        assert_eq!(
            spawned,
            tags(
                "signing-format=ans104 accept-bundle=true accept-codec=httpsig@1.0 Data-Protocol=ao Type=Process Variant=ao.N.1"
            )
        );
    }

    #[test]
    fn definition_tags_prefer_the_callers_tags_to_the_defaults() {
        assert_eq!(
            definition_tags(&tags("A=1"), Some("m"), "s", "a"),
            tags(
                "device=process@1.0 scheduler-device=scheduler@1.0 push-device=push@1.0 execution-device=genesis-wasm@1.0 \
                 Authority=a Scheduler=s Module=m A=1"
            )
        );
        assert_eq!(
            definition_tags(
                &tags("Execution-Device=lua@5.3a image=i authority=x authority=y Stack=1"),
                None,
                "s",
                "a"
            ),
            tags(
                "device=process@1.0 scheduler-device=scheduler@1.0 push-device=push@1.0 Execution-Device=lua@5.3a \
                 authority=x authority=y Scheduler=s image=i Stack=1"
            )
        );
    }
}
