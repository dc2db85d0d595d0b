//! Arweave's ids and addresses, wallet keys, and RSA-PSS signatures.

mod id;
mod jwk;
#[cfg(feature = "rsa")]
mod private_key;
#[cfg(feature = "rsa")]
pub mod pss;

pub use id::Id;
pub use jwk::Jwk;
#[cfg(feature = "rsa")]
pub use private_key::PrivateKey;

use base64ct::{Base64UrlUnpadded, Encoding};

/// Bytes of salt in the signatures that this crate makes. Browser wallets and HyperBEAM use the same.
pub const SALT_LENGTH: usize = 32;

/// Bytes of salt in signatures with SHA-512, which RFC 9421 fixes.
pub const SALT_LENGTH_SHA512: usize = 64;

/// The salt lengths in use on the network, the most frequent first: browsers and HyperBEAM, OpenSSL's maximum, none.
pub const KNOWN_SALT_LENGTHS: [u32; 3] = [32, 478, 0];

/// Writes base64url without padding, which Arweave uses for every binary value.
pub fn to_base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Reads base64url. Accepts padding, which some wallets and libraries write.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).ok()
}
