//! Arweave's vocabulary: ids and addresses, wallet keys, and the RSA-PSS signatures they make.

mod id;
mod jwk;
pub mod pss;

pub use id::Id;
pub use jwk::{Jwk, PrivateKey};

use base64ct::{Base64UrlUnpadded, Encoding};

/// Unpadded base64url, in which Arweave writes every binary value.
pub fn to_base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Reads base64url; padding is tolerated because some wallets and libraries write it.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).ok()
}
