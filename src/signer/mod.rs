//! Signers: they sign data items and HTTP messages. A signer is a wallet key, a browser wallet, or a function of the
//! application.

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
    /// An item's data, in memory or elsewhere.
    type Data;
    /// A signed item, as [`Http`](crate::platform::Http) sends it.
    type Item;

    /// Signs an item.
    ///
    /// # Errors
    /// `Signer` where the wallet refuses or returns another item. `BadSignature` where the signature that it returns
    /// does not verify. `BadAnchor` and `BadTags` for a draft that cannot become an item.
    async fn sign(&self, draft: Draft, data: Self::Data) -> Result<SignedItem<Self::Item>>;
}

/// Verifies signatures of Arweave keys.
#[allow(async_fn_in_trait, reason = "see `platform`")]
pub trait Verifier {
    /// Verifies a signature over `message` for the modulus `n`.
    ///
    /// # Errors
    /// `Unsupported` where the platform cannot verify it.
    async fn verify(&self, n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool>;
}

/// Signs HTTP messages.
#[cfg(feature = "httpsig")]
#[allow(async_fn_in_trait, reason = "see `platform`")]
pub trait MessageSigner {
    /// Signs an HTTP message.
    ///
    /// # Errors
    /// `Signer` where the wallet refuses. `BadSignature` where the signature that it returns does not verify.
    /// `BadArgument` for messages that nodes could not verify.
    async fn sign_message(&self, message: httpsig::Encoded) -> Result<httpsig::SignedMessage>;
}

/// A signed item and its id.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedItem<B> {
    pub id: Id,
    pub raw: B,
}
