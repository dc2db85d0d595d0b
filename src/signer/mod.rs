//! Signers: whoever turns a draft and its data into a signed item. A wallet key, a browser wallet, or a function of the
//! page's own.

#[cfg(feature = "rsa")]
mod key;

#[cfg(feature = "rsa")]
pub use key::KeySigner;

use crate::ans104::Draft;
use crate::arweave::Id;
use crate::error::Result;

/// Signs data items.
#[allow(async_fn_in_trait, reason = "see `host`")]
pub trait Signer {
    /// What a message carries, wherever it lies.
    type Data;
    /// A signed item, as [`Http`](crate::host::Http) sends it.
    type Item;

    /// # Errors
    /// `Signer` when the wallet refuses, `BadSignature` when what it returns does not verify; whatever is wrong with the
    /// draft.
    async fn sign(&self, draft: Draft, data: Self::Data) -> Result<Signed<Self::Item>>;
}

/// Signs HTTP messages: text that begins with what is signed and ends with the key that signs it.
#[allow(async_fn_in_trait, reason = "see `host`")]
pub trait BaseSigner {
    /// Signs with RSA-PSS and SHA-512. `base` gives the bytes to sign once it knows the modulus.
    ///
    /// # Errors
    /// `Signer` when the wallet refuses; those of `base`.
    async fn sign_base(&self, base: impl FnOnce(&[u8]) -> Result<Vec<u8>>) -> Result<BaseSignature>;
}

/// A signature, and the modulus of the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseSignature {
    pub public_key: Vec<u8>,
    pub signature: Vec<u8>,
}

/// A signed item and its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed<B> {
    pub id: Id,
    pub raw: B,
}
