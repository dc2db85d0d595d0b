//! Addresses of owners. The parts of the network write them in three ways:
//!
//! | who | Arweave, Ed25519, Aptos | Ethereum | Solana (type 4) | Ethereum's typed data |
//! |---|---|---|---|---|
//! | gateways, scheduler units | hash | hash | hash | hash |
//! | compute units: `Owner` and `From` of a message | hash | EIP-55 | hash | hash |
//! | HyperBEAM nodes | hash | EIP-55 | base58 of the key | EIP-55 |
//!
//! The hash is base64url of the SHA-256 of the owner: [`Id::of`].

use sha3::{Digest, Keccak256};

use super::{bad_key, hexadecimal};
use crate::ans104::SignatureType;
use crate::arweave::Id;
use crate::error::Result;

/// The address of a public key as compute units pass it to modules. They tell the keys apart by their length.
pub fn compute_unit(key: &[u8]) -> String {
    match key.len() == SignatureType::Ethereum.owner_length() {
        true => checksummed(&ethereum(key)),
        false => Id::of(key).to_string(),
    }
}

/// The address of an owner as HyperBEAM nodes write it.
///
/// # Errors
/// `BadKey` for an owner that is no owner of this type: one of another length, or text that is no address.
pub fn node(signature_type: SignatureType, owner: &[u8]) -> Result<String> {
    if owner.len() != signature_type.owner_length() {
        let message = format!(
            "An owner of signature type {} has {} bytes, and this one has {}",
            signature_type.number(),
            signature_type.owner_length(),
            owner.len()
        );
        return Err(bad_key(message));
    }
    match signature_type {
        SignatureType::Ethereum => Ok(checksummed(&ethereum(owner))),
        SignatureType::TypedEthereum => match read_ethereum(owner) {
            Some(address) => Ok(checksummed(&address)),
            None => Err(bad_key("The owner is no Ethereum address. It must be 0x and 40 digits")),
        },
        SignatureType::Solana => Ok(bs58::encode(owner).into_string()),
        _ => Ok(Id::of(owner).to_string()),
    }
}

/// The checksum of EIP-55: a letter is in upper case where the digit of the hash of the lower-case address is 8 or more.
fn checksummed(address: &[u8; 20]) -> String {
    let lower = hexadecimal(address);
    let checksum = hexadecimal(&keccak(lower.as_bytes()));
    let letters = lower.chars().zip(checksum.chars());
    let cased = letters.map(|(letter, digit)| match digit >= '8' {
        true => letter.to_ascii_uppercase(),
        false => letter,
    });
    format!("0x{}", cased.collect::<String>())
}

/// The bytes of the address of an Ethereum key. `public_key` has 65 bytes.
pub(super) fn ethereum(public_key: &[u8]) -> [u8; 20] {
    let mut address = [0; 20];
    address.copy_from_slice(&keccak(&public_key[1..])[12..]);
    address
}

/// The bytes of an Ethereum address that is written as text, whatever the case of its digits.
pub(super) fn read_ethereum(text: &[u8]) -> Option<[u8; 20]> {
    let (digits, rest) = text.strip_prefix(b"0x")?.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut address = [0; 20];
    if digits.len() != address.len() {
        return None;
    }
    for (byte, [high, low]) in address.iter_mut().zip(digits) {
        *byte = (digit(*high)? * 16 + digit(*low)?) as u8;
    }
    Some(address)
}

pub(super) fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The four addresses with letters of both cases in EIP-55.
    #[test]
    fn checksums_are_those_of_eip_55() {
        for expected in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let owner = expected.to_ascii_lowercase();
            assert_eq!(node(SignatureType::TypedEthereum, owner.as_bytes()).unwrap(), expected);
        }
    }

    #[test]
    fn owners_of_another_length_and_texts_that_are_no_address_have_none() {
        for signature_type in SignatureType::ALL {
            let length = signature_type.owner_length();
            for length in [0, length - 1, length + 1] {
                assert!(node(signature_type, &vec![b'0'; length]).is_err());
            }
        }
        for text in [
            "1x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg",
        ] {
            assert!(node(SignatureType::TypedEthereum, text.as_bytes()).is_err());
        }
    }

    #[test]
    fn the_parts_of_the_network_write_the_addresses_of_a_key_in_their_own_way() {
        let key = [0; 32];
        let hash = Id::of(&key).to_string();
        assert_eq!(compute_unit(&key), hash);
        assert_eq!(node(SignatureType::Ed25519, &key).unwrap(), hash);
        // Solana's system program.
        assert_eq!(node(SignatureType::Solana, &key).unwrap(), "1".repeat(32));
    }
}
