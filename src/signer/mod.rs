//! Signers: they sign data items and HTTP messages. A signer is a wallet key, a browser wallet, or a function of the
//! application.

#[cfg(feature = "addresses")]
pub mod address;
#[cfg(feature = "signatures")]
pub mod aptos;
#[cfg(feature = "rsa")]
mod arweave;
#[cfg(feature = "ed25519")]
mod ed25519;
#[cfg(feature = "signatures")]
pub mod ethereum;
mod item_key;
mod item_signature;
mod key;
#[cfg(feature = "signatures")]
mod multi_aptos;
mod signature_check;
#[cfg(feature = "signatures")]
pub mod solana;
#[cfg(feature = "signatures")]
pub mod typed_ethereum;
pub mod verify;
mod wallet;

#[cfg(feature = "signatures")]
pub use aptos::AptosKey;
#[cfg(feature = "ed25519")]
pub use ed25519::Ed25519Key;
#[cfg(feature = "signatures")]
pub use ethereum::EthereumKey;
pub use item_key::ItemKey;
pub use item_signature::ItemSignature;
pub use key::KeySigner;
#[cfg(feature = "signatures")]
pub use multi_aptos::MultiAptosKey;
pub use signature_check::SignatureCheck;
#[cfg(feature = "signatures")]
pub use solana::SolanaKey;
#[cfg(feature = "signatures")]
pub use typed_ethereum::TypedEthereumKey;
pub use wallet::compare;

use crate::ans104::Draft;
use crate::arweave::Id;
use crate::error::Result;
#[cfg(feature = "ed25519")]
use crate::error::{Error, ErrorKind};
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

/// Verifies signatures of data items.
#[allow(async_fn_in_trait, reason = "see `platform`")]
pub trait Verifier {
    /// Verifies the signature of an item.
    ///
    /// # Errors
    /// `Unsupported` where the platform cannot verify it.
    async fn verify(&self, signature: ItemSignature<'_>) -> Result<SignatureCheck>;
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

#[cfg(feature = "ed25519")]
fn bad_key(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::BadKey, message)
}

/// Bytes in hexadecimal, in lower case.
#[cfg(feature = "addresses")]
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}
