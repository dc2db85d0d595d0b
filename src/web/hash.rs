//! Hashes of RSA-PSS signatures.

#[cfg(feature = "httpsig")]
use crate::arweave::SALT_LENGTH_SHA512;
use crate::arweave::{KNOWN_SALT_LENGTHS, SALT_LENGTH};

/// The hash of an RSA-PSS signature. Without the feature `httpsig` there is only one, so that pages do not download the code for
/// the choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hash {
    /// For data items.
    Sha256,
    /// For HTTP messages.
    #[cfg(feature = "httpsig")]
    Sha512,
}

impl Hash {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            #[cfg(feature = "httpsig")]
            Self::Sha512 => "SHA-512",
        }
    }

    /// The salt length of the signatures that this module makes.
    pub(super) fn salt_length(self) -> u32 {
        match self {
            Self::Sha256 => SALT_LENGTH as u32,
            #[cfg(feature = "httpsig")]
            Self::Sha512 => SALT_LENGTH_SHA512 as u32,
        }
    }

    /// The salt lengths in use on the network, the most frequent first.
    pub(super) fn salt_lengths(self) -> &'static [u32] {
        match self {
            Self::Sha256 => &KNOWN_SALT_LENGTHS,
            // RFC 9421's, HyperBEAM's, OpenSSL's maximum.
            #[cfg(feature = "httpsig")]
            Self::Sha512 => &[SALT_LENGTH_SHA512 as u32, SALT_LENGTH as u32, 446],
        }
    }
}
