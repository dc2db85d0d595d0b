//! A signer with a wallet key, without the platform's cryptography.

#[cfg(feature = "httpsig")]
use super::MessageSigner;
use super::{SignedItem, Signer, Verifier};
use crate::ans104::{DataItem, Draft};
use crate::arweave::{PrivateKey, pss};
use crate::error::Result;
#[cfg(feature = "httpsig")]
use crate::httpsig;
use crate::platform::Random;

/// Signs with an RSA key, in Rust.
pub struct KeySigner<R> {
    key: PrivateKey,
    random: R,
}

impl<R: Random> KeySigner<R> {
    pub fn new(key: PrivateKey, random: R) -> Self {
        Self { key, random }
    }
}

impl<R: Random> Signer for KeySigner<R> {
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

impl<R> Verifier for KeySigner<R> {
    async fn verify(&self, n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
        Ok(pss::verify(n, message, signature))
    }
}

#[cfg(feature = "httpsig")]
impl<R: Random> MessageSigner for KeySigner<R> {
    async fn sign_message(&self, message: httpsig::Encoded) -> Result<httpsig::SignedMessage> {
        let input = message.signature_input(&self.key.to_jwk()?.modulus()?)?;
        let signature = pss::sign_sha512(&self.key, &input.base(&message)?, &self.random)?;
        Ok(message.with_signature(&input, &signature))
    }
}
