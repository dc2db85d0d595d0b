//! Signature algorithms that nodes use.

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA-PSS with SHA-512 (RFC 9421 section 3.3.1).
    RsaPssSha512,
    /// HMAC with SHA-256. Its key is public, so that it proves nothing about the sender.
    HmacSha256,
}

impl Algorithm {
    /// The algorithm's name in the parameter `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::HmacSha256 => "hmac-sha256",
        }
    }
}
