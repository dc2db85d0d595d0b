//! Signature type 5: Ed25519 over the text that an Aptos wallet shows.

use super::signature_check::SignatureCheck;
use super::{Ed25519Key, ItemKey, ed25519, hexadecimal};
use crate::ans104::{Hash, SignatureType};
use crate::error::Result;
use crate::platform::Random;

pub(super) fn check(owner: &[u8], hash: &Hash, signature: &[u8]) -> SignatureCheck {
    ed25519::check(owner, message(hash).as_bytes(), signature)
}

/// The text that the wallet signs. Aptos wallets put the first and the last line around a message; the nonce is fixed.
pub fn message(hash: &Hash) -> String {
    format!("APTOS\nmessage: {}\nnonce: bundlr", hexadecimal(hash))
}

/// An Ed25519 key of Aptos, which makes items of type 5.
pub struct AptosKey(pub Ed25519Key);

impl ItemKey for AptosKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::InjectedAptos
    }

    fn owner(&self) -> Result<Vec<u8>> {
        Ok(self.0.public())
    }

    fn sign_hash(&self, hash: &Hash, _: &impl Random) -> Result<Vec<u8>> {
        Ok(self.0.sign(message(hash).as_bytes()))
    }
}
