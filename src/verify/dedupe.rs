//! Which messages a compute unit skips, because it has evaluated the same message before.

use std::collections::BTreeSet;

use crate::ans104::{Chunk, deep_hash};
use crate::arweave::Id;
use crate::protocol::TextTag;

/// Bytes of a deep hash.
const DEEP_HASH: usize = 48;
/// Bytes of an id.
const ID: usize = 32;

/// What is known of the messages that were evaluated.
///
/// A compute unit skips an assignment of a message whose id it has evaluated, and a message that a messenger unit has
/// signed for a process, when its content is that of an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dedupe {
    messages: BTreeSet<[u8; ID]>,
    forwarded: BTreeSet<[u8; DEEP_HASH]>,
}

/// What decides whether a message is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// The id of the message.
    pub message: Id,
    /// Whether the schedule has the message by its id only.
    pub assigned: bool,
    /// The content of a message that a messenger unit has signed for a process.
    pub content: Option<[u8; DEEP_HASH]>,
}

/// The fields that [`forwarded_content`] hashes, as a scheduler returns them.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    pub target: &'a str,
    pub anchor: &'a str,
    pub tags: &'a [TextTag],
    pub data: &'a str,
}

/// The deep hash of a forwarded message without its owner and signature. Another signature, or another wallet, makes no
/// other message of it. The tags are hashed in the order that the message has.
pub fn forwarded_content(content: Content<'_>) -> [u8; DEEP_HASH] {
    let tags = content.tags.iter().map(|tag| {
        Chunk::List(vec![
            Chunk::Blob(tag.name.as_bytes()),
            Chunk::Blob(tag.value.as_bytes()),
        ])
    });
    deep_hash(&Chunk::List(vec![
        Chunk::Blob(b"dataitem"),
        Chunk::Blob(b"1"),
        Chunk::Blob(b""),
        Chunk::Blob(content.target.as_bytes()),
        Chunk::Blob(content.anchor.as_bytes()),
        Chunk::List(tags.collect()),
        Chunk::Blob(content.data.as_bytes()),
    ]))
}

impl Dedupe {
    /// Whether a compute unit skips this message.
    pub fn skips(&self, message: &Fingerprint) -> bool {
        message.assigned && self.messages.contains(message.message.as_bytes())
            || message.content.is_some_and(|content| self.forwarded.contains(&content))
    }

    /// Whether the schedule shows a message again that was evaluated. Schedulers take a message once, and name it from then on.
    pub fn is_repeated(&self, message: &Fingerprint) -> bool {
        !message.assigned && self.messages.contains(message.message.as_bytes())
    }

    /// Adds a message that was evaluated.
    pub fn insert(&mut self, message: &Fingerprint) {
        self.messages.insert(*message.message.as_bytes());
        self.forwarded.extend(message.content);
    }

    /// Writes the set: the number of ids in four bytes, the ids, and the hashes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u32::try_from(self.messages.len()).unwrap_or(u32::MAX);
        let mut bytes = count.to_le_bytes().to_vec();
        for message in self.messages.iter().take(count as usize) {
            bytes.extend_from_slice(message);
        }
        for content in &self.forwarded {
            bytes.extend_from_slice(content);
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote. `None` for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk()?;
        let length = (u32::from_le_bytes(*count) as usize).checked_mul(ID)?;
        let (messages, forwarded) = rest.split_at_checked(length)?;
        let (messages, _) = messages.as_chunks();
        let (forwarded, left) = forwarded.as_chunks();
        left.is_empty().then(|| Self {
            messages: messages.iter().copied().collect(),
            forwarded: forwarded.iter().copied().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &[u8], assigned: bool, content: Option<u8>) -> Fingerprint {
        Fingerprint {
            message: Id::of(id),
            assigned,
            content: content.map(|byte| [byte; DEEP_HASH]),
        }
    }

    #[test]
    fn skips_assignments_of_known_messages_and_forwarded_messages_of_known_content() {
        let mut dedupe = Dedupe::default();
        dedupe.insert(&message(b"a", false, None));
        dedupe.insert(&message(b"b", false, Some(1)));
        assert!(dedupe.skips(&message(b"a", true, None)));
        assert!(!dedupe.skips(&message(b"a", false, None)));
        assert!(dedupe.is_repeated(&message(b"a", false, None)));
        assert!(!dedupe.is_repeated(&message(b"a", true, None)));
        assert!(!dedupe.is_repeated(&message(b"c", false, None)));
        assert!(!dedupe.skips(&message(b"c", true, None)));
        assert!(dedupe.skips(&message(b"c", false, Some(1))));
        assert!(!dedupe.skips(&message(b"c", false, Some(2))));
    }

    #[test]
    fn from_bytes_reads_what_to_bytes_wrote_and_no_damaged_form_of_it() {
        let mut dedupe = Dedupe::default();
        for byte in 0..5 {
            dedupe.insert(&message(&[byte], false, (byte % 2 == 0).then_some(byte)));
        }
        let bytes = dedupe.to_bytes();
        assert_eq!(Dedupe::from_bytes(&bytes), Some(dedupe));
        assert_eq!(Dedupe::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Dedupe::from_bytes(&[255; 40]), None);
        assert_eq!(Dedupe::from_bytes(&[]), None);
    }

    #[test]
    fn forwarded_content_depends_on_every_field_and_on_the_order_of_tags() {
        let tag = |name: &str| TextTag {
            name: name.into(),
            value: "v".into(),
        };
        let (tags, reversed) = ([tag("a"), tag("b")], [tag("b"), tag("a")]);
        let content = Content {
            target: "t",
            anchor: "x",
            tags: &tags,
            data: "d",
        };
        let hash = forwarded_content(content);
        for other in [
            Content { target: "u", ..content },
            Content { anchor: "", ..content },
            Content { data: "", ..content },
            Content {
                tags: &reversed,
                ..content
            },
        ] {
            assert_ne!(forwarded_content(other), hash);
        }
    }
}
