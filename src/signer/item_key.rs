//! Private keys that sign data items.

use crate::ans104::{DataDigest, DataItem, Draft, Hash, SignatureType};
use crate::error::Result;
use crate::platform::Random;

/// A private key that signs data items.
pub trait ItemKey {
    fn signature_type(&self) -> SignatureType;

    /// The owner of the key's items.
    ///
    /// # Errors
    /// `BadKey`.
    fn owner(&self) -> Result<Vec<u8>>;

    /// Signs the deep hash of an item.
    ///
    /// # Errors
    /// `BadKey` where the key cannot sign, `Unsupported` without a secure source of randomness.
    fn sign_hash(&self, hash: &Hash, random: &impl Random) -> Result<Vec<u8>>;
}

impl DataItem {
    /// Signs `draft`.
    ///
    /// # Errors
    /// `BadKey`, `BadAnchor`, `BadTags`.
    pub fn sign(draft: &Draft, data: &[u8], key: &impl ItemKey, random: &impl Random) -> Result<Self> {
        let mut head = draft.head(key.signature_type(), &key.owner()?)?;
        let signature = key.sign_hash(&head.deep_hash(DataDigest::of(data)), random)?;
        head.set_signature(&signature)?;
        Ok(Self::from_parts(head, data))
    }
}
