//! Signature type 4: Ed25519 over the deep hash in hexadecimal, for Solana wallets that sign text only.

use super::signature_check::SignatureCheck;
use super::{Ed25519Key, ItemKey, ed25519, hexadecimal};
use crate::ans104::{Hash, SignatureType};
use crate::error::Result;
use crate::platform::Random;

pub(super) fn check(owner: &[u8], hash: &Hash, signature: &[u8]) -> SignatureCheck {
    ed25519::check(owner, message(hash).as_bytes(), signature)
}

/// The text that the wallet signs.
pub fn message(hash: &Hash) -> String {
    hexadecimal(hash)
}

/// An Ed25519 key of Solana, which makes items of type 4.
pub struct SolanaKey(pub Ed25519Key);

impl ItemKey for SolanaKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::Solana
    }

    fn owner(&self) -> Result<Vec<u8>> {
        Ok(self.0.public())
    }

    fn sign_hash(&self, hash: &Hash, _: &impl Random) -> Result<Vec<u8>> {
        Ok(self.0.sign(message(hash).as_bytes()))
    }
}
