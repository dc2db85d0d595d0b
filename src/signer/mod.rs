//! Signers: whoever turns a draft and its data into a signed item, and a message into a signed one. A wallet key, a browser wallet, or a function of the
//! page's own.

#[cfg(feature = "rsa")]
mod key;
mod wallet;

#[cfg(feature = "rsa")]
pub use key::KeySigner;
pub use wallet::compare;

use crate::ans104::Draft;
use crate::arweave::Id;
use crate::error::Result;
#[cfg(feature = "httpsig")]
use crate::httpsig;

/// Signs data items.
#[allow(async_fn_in_trait, reason = "see `platform`")]
pub trait Signer {
    /// What a message carries, wherever it lies.
    type Data;
    /// A signed item, as [`Http`](crate::platform::Http) sends it.
    type Item;

    /// # Errors
    /// `Signer` when the wallet refuses or makes another item, `BadSignature` when what it returns does not verify;
    /// whatever is wrong with the draft.
    async fn sign(&self, draft: Draft, data: Self::Data) -> Result<Signed<Self::Item>>;
}

/// Verifies signatures of Arweave keys.
#[allow(async_fn_in_trait, reason = "see `platform`")]
pub trait Verifier {
    /// Whether a signature over `message` belongs to the modulus `n`.
    ///
    /// # Errors
    /// `Unsupported` where that cannot be told.
    async fn verify(&self, n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool>;
}

/// Signs HTTP messages.
#[cfg(feature = "httpsig")]
#[allow(async_fn_in_trait, reason = "see `platform`")]
pub trait MessageSigner {
    /// # Errors
    /// `Signer` when the wallet refuses, `BadSignature` when what it returns does not verify, `BadArgument` for messages
    /// that nodes could not verify.
    async fn sign_message(&self, message: httpsig::Encoded) -> Result<httpsig::Signed>;
}

/// A signed item and its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed<B> {
    pub id: Id,
    pub raw: B,
}
