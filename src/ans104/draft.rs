//! Data items before they are signed.

use super::{Head, SignatureType, Tag, tags};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};

/// An item without its data, its owner and its signature.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub target: Option<Id>,
    /// 32 bytes, or `None`.
    pub anchor: Option<Vec<u8>>,
    pub tags: Vec<Tag>,
}

impl Draft {
    /// Builds the head of the item for this owner. The signature is zeros until it is set.
    ///
    /// # Errors
    /// `BadKey` for an owner of the wrong length, `BadAnchor`, `BadTags`.
    pub fn head(&self, signature_type: SignatureType, owner: &[u8]) -> Result<Head> {
        if owner.len() != signature_type.owner_length() {
            return Err(Error::new(
                ErrorKind::BadKey,
                format!(
                    "Owner must be {} bytes, but was incorrectly {}. Give the public key of signature type {}",
                    signature_type.owner_length(),
                    owner.len(),
                    signature_type.number()
                ),
            ));
        }
        let tag_bytes = self.checked_tags()?;
        let mut bytes = signature_type.number().to_le_bytes().to_vec();
        bytes.resize(bytes.len() + signature_type.signature_length(), 0);
        bytes.extend_from_slice(owner);
        for part in [self.target.as_ref().map(|id| id.as_bytes().as_slice()), self.anchor()?] {
            match part {
                None => bytes.push(0),
                Some(part) => {
                    bytes.push(1);
                    bytes.extend_from_slice(part);
                }
            }
        }
        bytes.extend_from_slice(&(self.tags.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&(tag_bytes.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&tag_bytes);
        Ok(Head::parse(&bytes)?.head)
    }

    /// Checks the draft before there is an owner, so that a wallet is not asked to sign a draft that cannot become an
    /// item.
    ///
    /// # Errors
    /// `BadAnchor`, `BadTags`.
    pub fn check(&self) -> Result<()> {
        self.anchor()?;
        self.checked_tags().map(|_| ())
    }

    fn anchor(&self) -> Result<Option<&[u8]>> {
        match self.anchor.as_deref() {
            None => Ok(None),
            Some(anchor) if anchor.len() == 32 => Ok(Some(anchor)),
            Some(anchor) => Err(Error::new(
                ErrorKind::BadAnchor,
                format!(
                    "Anchor must be 32 bytes, but is {}. Give 32 bytes of text, or leave it out",
                    anchor.len()
                ),
            )),
        }
    }

    fn checked_tags(&self) -> Result<Vec<u8>> {
        tags::encode(&self.tags)
    }
}
