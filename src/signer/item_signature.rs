//! A signature and what it should sign.

use crate::ans104::{Hash, Head, SignatureType};

/// The signature of an item, which is not verified: what is to be checked against what.
#[derive(Debug, Clone, Copy)]
pub struct ItemSignature<'a> {
    pub signature_type: SignatureType,
    /// The public key; for Ethereum's typed data, the address as text.
    pub owner: &'a [u8],
    /// The deep hash of the item.
    pub hash: &'a Hash,
    pub signature: &'a [u8],
}

impl<'a> ItemSignature<'a> {
    /// That of an item with this deep hash.
    pub fn of(head: &'a Head, hash: &'a Hash) -> Self {
        Self {
            signature_type: head.signature_type(),
            owner: head.owner(),
            hash,
            signature: head.signature(),
        }
    }
}
