//! A signer with a private key, without the platform's cryptography.

#[cfg(all(feature = "httpsig", feature = "rsa"))]
use super::MessageSigner;
use super::{ItemKey, ItemSignature, SignatureCheck, SignedItem, Signer, Verifier, verify};
use crate::ans104::{DataItem, Draft};
#[cfg(all(feature = "httpsig", feature = "rsa"))]
use crate::arweave::{PrivateKey, pss};
use crate::error::Result;
#[cfg(all(feature = "httpsig", feature = "rsa"))]
use crate::httpsig;
use crate::platform::Random;

/// Signs with a private key, in Rust.
pub struct KeySigner<K, R> {
    key: K,
    random: R,
}

impl<K, R: Random> KeySigner<K, R> {
    pub fn new(key: K, random: R) -> Self {
        Self { key, random }
    }
}

impl<K: ItemKey, R: Random> Signer for KeySigner<K, R> {
    type Data = Vec<u8>;
    type Item = Vec<u8>;

    async fn sign(&self, draft: Draft, data: Vec<u8>) -> Result<SignedItem<Vec<u8>>> {
        let item = DataItem::sign(&draft, &data, &self.key, &self.random)?;
        Ok(SignedItem {
            id: item.id(),
            raw: item.into_bytes(),
        })
    }
}

impl<K, R> Verifier for KeySigner<K, R> {
    async fn verify(&self, signature: ItemSignature<'_>) -> Result<SignatureCheck> {
        Ok(verify::check(signature))
    }
}

#[cfg(all(feature = "httpsig", feature = "rsa"))]
impl<R: Random> MessageSigner for KeySigner<PrivateKey, R> {
    async fn sign_message(&self, message: httpsig::Encoded) -> Result<httpsig::SignedMessage> {
        let input = message.signature_input(&self.key.to_jwk()?.modulus()?)?;
        let signature = pss::sign_sha512(&self.key, &input.base(&message)?, &self.random)?;
        Ok(message.with_signature(&input, &signature))
    }
}
