//! Signature algorithms that nodes use.

/// The algorithms of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA-PSS with SHA-512 (RFC 9421 section 3.3.1).
    RsaPssSha512,
    /// A keyed hash, which proves no more than that it fits.
    HmacSha256,
}

impl Algorithm {
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::HmacSha256 => "hmac-sha256",
        }
    }
}
