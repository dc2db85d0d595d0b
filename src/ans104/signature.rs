//! Signature types: their numbers, and the lengths of signature and owner.

use crate::error::{Error, ErrorKind, Result};

/// A signature type. The first two bytes of every item are its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureType {
    /// 1: RSA-4096 keys of Arweave, RSA-PSS over SHA-256.
    Arweave,
    /// 2: Ed25519 over the deep hash. Solana keys that sign bytes use it, too.
    Ed25519,
    /// 3: Ethereum's signed messages (EIP-191).
    Ethereum,
    /// 4: Ed25519 over the deep hash in hexadecimal. For Solana wallets that sign text only.
    Solana,
    /// 5: Ed25519 over the text that an Aptos wallet shows.
    InjectedAptos,
    /// 6: several Ed25519 keys of Aptos, of which a number must sign.
    MultiAptos,
    /// 7: Ethereum's typed data (EIP-712). The owner is an address, not a key.
    TypedEthereum,
}

impl SignatureType {
    /// Every type, in the order of its number, which starts at 1.
    pub const ALL: [Self; 7] = [
        Self::Arweave,
        Self::Ed25519,
        Self::Ethereum,
        Self::Solana,
        Self::InjectedAptos,
        Self::MultiAptos,
        Self::TypedEthereum,
    ];

    /// The signature type with this number.
    ///
    /// # Errors
    /// `Unsupported` for a type whose lengths are not known, so that the item cannot be read.
    pub fn from_number(number: u16) -> Result<Self> {
        let index = usize::from(number).wrapping_sub(1);
        Self::ALL.get(index).copied().ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("Metadata for signature type {number} not found. This version knows types 1 to 7"),
            )
            .with_number("signatureType", number.into())
        })
    }

    pub fn number(self) -> u16 {
        self as u16 + 1
    }

    /// Bytes of a signature.
    pub fn signature_length(self) -> usize {
        self.lengths().0
    }

    /// Bytes of the owner, which is the public key; for Ethereum's typed data, the address as text.
    pub fn owner_length(self) -> usize {
        self.lengths().1
    }

    fn lengths(self) -> (usize, usize) {
        match self {
            Self::Arweave => (512, 512),
            Self::Ed25519 | Self::Solana | Self::InjectedAptos => (64, 32),
            Self::Ethereum => (65, 65),
            // 32 keys and the threshold; as many signatures and a bit for each.
            Self::MultiAptos => (32 * 64 + 4, 32 * 32 + 1),
            Self::TypedEthereum => (65, 42),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_type_leads_back_to_it() {
        for (index, signature_type) in SignatureType::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(signature_type.number()), index + 1);
            assert_eq!(
                SignatureType::from_number(signature_type.number()).unwrap(),
                signature_type
            );
        }
        for number in [0, 8, 101, u16::MAX] {
            let error = SignatureType::from_number(number).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
        }
    }
}
