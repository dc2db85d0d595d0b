//! Signature types: their numbers, and the lengths of signature and owner.

use crate::error::{Error, ErrorKind, Result};

/// A signature type. The first two bytes of every item are its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureType {
    /// 1: RSA-4096 keys of Arweave, RSA-PSS over SHA-256.
    Arweave,
}

impl SignatureType {
    /// The signature type with this number.
    ///
    /// # Errors
    /// `Unsupported` for a type that this version can neither make nor verify.
    pub fn from_number(number: u16) -> Result<Self> {
        match number {
            1 => Ok(Self::Arweave),
            _ => Err(Error::new(
                ErrorKind::Unsupported,
                format!("Metadata for signature type {number} not found. This version knows type 1 (Arweave RSA)"),
            )
            .with_number("signatureType", number.into())),
        }
    }

    pub fn number(self) -> u16 {
        match self {
            Self::Arweave => 1,
        }
    }

    /// Bytes of a signature.
    pub fn signature_length(self) -> usize {
        match self {
            Self::Arweave => 512,
        }
    }

    /// Bytes of the owner, which is the public key.
    pub fn owner_length(self) -> usize {
        match self {
            Self::Arweave => 512,
        }
    }
}
