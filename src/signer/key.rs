//! The signer of a wallet key, without any host's cryptography.

use super::{BaseSignature, BaseSigner, Signed, Signer};
use crate::ans104::{DataItem, Draft};
use crate::arweave::{PrivateKey, pss};
use crate::error::Result;
use crate::host::Random;

/// Signs with an RSA key in this memory.
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

    async fn sign(&self, draft: Draft, data: Vec<u8>) -> Result<Signed<Vec<u8>>> {
        let item = DataItem::sign(&draft, &data, &self.key, &self.random)?;
        Ok(Signed {
            id: item.id(),
            raw: item.into_bytes(),
        })
    }
}

impl<R: Random> BaseSigner for KeySigner<R> {
    async fn sign_base(&self, base: impl FnOnce(&[u8]) -> Result<Vec<u8>>) -> Result<BaseSignature> {
        let public_key = self.key.to_jwk()?.modulus()?;
        let signature = pss::sign_sha512(&self.key, &base(&public_key)?, &self.random)?;
        Ok(BaseSignature { public_key, signature })
    }
}
