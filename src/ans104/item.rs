//! Signed items whose data is in memory.

use super::{Head, Parsed, Problem};
use crate::arweave::Id;
use crate::error::Result;

/// A signed data item, with its data.
#[derive(Debug, Clone)]
pub struct DataItem {
    head: Head,
    problems: Vec<Problem>,
    /// A hash of the signature, which is asked for often.
    id: Id,
    raw: Vec<u8>,
}

impl DataItem {
    /// Reads an item. Does not verify its signature.
    ///
    /// # Errors
    /// As [`Head::parse`]: `BadItem`, `Unsupported`.
    pub fn parse(raw: Vec<u8>) -> Result<Self> {
        let Parsed { head, problems } = Head::parse(&raw)?;
        let id = head.id();
        Ok(Self {
            head,
            problems,
            id,
            raw,
        })
    }

    /// Puts the data behind a head whose signature is set.
    pub fn from_parts(head: Head, data: &[u8]) -> Self {
        let raw = [head.as_bytes(), data].concat();
        Self {
            id: head.id(),
            head,
            problems: Vec::new(),
            raw,
        }
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The item's deviations from ANS-104.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub fn id(&self) -> Id {
        self.id
    }

    pub fn data(&self) -> &[u8] {
        &self.raw[self.head.as_bytes().len()..]
    }

    /// The item's bytes, as they are sent.
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.raw
    }
}

#[cfg(feature = "local")]
impl DataItem {
    /// Builds an item whose signature belongs to something else. It may have more and longer tags than a signed item.
    ///
    /// # Errors
    /// `BadItem` where an item with these parts could not be read. `Unsupported` for keys and signatures of other
    /// lengths.
    pub(crate) fn unverified(
        owner: &[u8],
        signature: &[u8],
        target: Option<crate::arweave::Id>,
        tags: &[super::Tag],
        data: &[u8],
    ) -> Result<Self> {
        let kind = super::SignatureType::Arweave;
        if owner.len() != kind.owner_length() || signature.len() != kind.signature_length() {
            let message = format!(
                "The message is signed with an RSA key of {} bits. Use a key of 4096 bits",
                owner.len() * 8
            );
            return Err(crate::error::Error::new(crate::error::ErrorKind::Unsupported, message));
        }
        let section = super::tags::encode_unchecked(tags);
        let mut raw = kind.number().to_le_bytes().to_vec();
        raw.extend_from_slice(signature);
        raw.extend_from_slice(owner);
        raw.push(u8::from(target.is_some()));
        raw.extend(target.iter().flat_map(|target| target.as_bytes()));
        raw.push(0);
        raw.extend_from_slice(&(tags.len() as u64).to_le_bytes());
        raw.extend_from_slice(&(section.len() as u64).to_le_bytes());
        raw.extend_from_slice(&section);
        raw.extend_from_slice(data);
        Self::parse(raw)
    }
}
