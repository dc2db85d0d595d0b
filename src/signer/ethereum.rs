//! Signature type 3: Ethereum's signed messages (EIP-191, `personal_sign`).
//!
//! The owner is a public key of 65 bytes, `04` and both coordinates. A signature is `r`, `s` and the recovery id `v`.

use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use sha3::{Digest, Keccak256};

use super::signature_check::SignatureCheck;
use super::{ItemKey, address, bad_key, hexadecimal};
use crate::ans104::{Hash, Problem, SignatureType};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::Random;

/// Added to the recovery id, from the time before EIP-155.
const RECOVERY_OFFSET: u8 = 27;

pub(super) fn check(owner: &[u8], hash: &Hash, signature: &[u8]) -> SignatureCheck {
    let Some((signature, v)) = parse(signature) else {
        return SignatureCheck::failed();
    };
    let Ok(key) = VerifyingKey::from_sec1_bytes(owner) else {
        return SignatureCheck::failed();
    };
    if is_high(&signature) {
        return SignatureCheck::failed_with(Problem::HighS);
    }
    let digest = personal_digest(hash);
    // Only the key that has signed can be recovered, so this verifies the signature, too. Both would take twice the time.
    if is_canonical_v(v) && recover(&digest, &signature, v) == Some(key) {
        return SignatureCheck::passed();
    }
    match key.verify_prehash(&digest, &signature) {
        Ok(()) => SignatureCheck::passed_with(Problem::RecoveryId),
        Err(_) => SignatureCheck::failed(),
    }
}

/// The hash that a wallet signs for `personal_sign` of these bytes.
fn personal_digest(message: &[u8]) -> [u8; 32] {
    let prefix = format!("\x19Ethereum Signed Message:\n{}", message.len());
    Keccak256::new()
        .chain_update(prefix)
        .chain_update(message)
        .finalize()
        .into()
}

/// `r` and `s`, and `v`.
pub(super) fn parse(signature: &[u8]) -> Option<(Signature, u8)> {
    let (v, scalars) = signature.split_last()?;
    Some((Signature::from_slice(scalars).ok()?, *v))
}

/// Whether `s` is in the upper half. EIP-2 forbids it.
pub(super) fn is_high(signature: &Signature) -> bool {
    signature.normalize_s() != *signature
}

pub(super) fn is_canonical_v(v: u8) -> bool {
    matches!(v, 27 | 28)
}

/// The key that has signed. `v` is 27 or 28, 0 or 1 as some wallets write it, or has a chain in it (EIP-155).
pub(super) fn recover(digest: &[u8; 32], signature: &Signature, v: u8) -> Option<VerifyingKey> {
    let id = match v {
        0 | 1 => v,
        27.. => (v - 27) % 2,
        _ => return None,
    };
    VerifyingKey::recover_from_prehash(digest, signature, RecoveryId::from_byte(id)?).ok()
}

/// The public key that has signed these bytes with `personal_sign`, as the owner of an item has it.
///
/// # Errors
/// `BadSignature` where the signature has another form, or no key fits it.
pub fn recover_public_key(message: &[u8], signature: &[u8]) -> Result<Vec<u8>> {
    let recovered = parse(signature).and_then(|(signature, v)| recover(&personal_digest(message), &signature, v));
    let key = recovered.ok_or_else(|| {
        let message = "The wallet's signature names no key. It must have 65 bytes: r, s, and 27 or 28";
        Error::new(ErrorKind::BadSignature, message)
    })?;
    Ok(uncompressed(&key))
}

pub(super) fn uncompressed(key: &VerifyingKey) -> Vec<u8> {
    key.to_sec1_point(false).as_bytes().to_vec()
}

/// The address as text in lower case.
pub(super) fn lower_case_address(public_key: &[u8]) -> String {
    format!("0x{}", hexadecimal(&address::ethereum(public_key)))
}

/// An Ethereum key, which makes items of type 3.
pub struct EthereumKey(SigningKey);

impl EthereumKey {
    /// Reads a private key of 32 bytes.
    ///
    /// # Errors
    /// `BadKey` for other bytes, and for zero and numbers that are too large.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        // `SigningKey::from_slice` takes fewer bytes, too.
        let bytes: Result<[u8; 32]> = bytes.try_into().map_err(|_| {
            let message = format!("An Ethereum key has 32 bytes, and this one has {}", bytes.len());
            bad_key(message)
        });
        SigningKey::from_slice(&bytes?)
            .map(Self)
            .map_err(|error| bad_key("The Ethereum key is zero or too large").with_source(error))
    }

    /// The public key of 65 bytes.
    pub fn public_key(&self) -> Vec<u8> {
        uncompressed(self.0.verifying_key())
    }

    /// Signs the hash of a message.
    pub(super) fn sign_digest(&self, digest: &[u8; 32]) -> Vec<u8> {
        let (signature, id) = self.0.sign_prehash_recoverable(digest);
        let mut bytes = signature.to_bytes().to_vec();
        bytes.push(id.to_byte() + RECOVERY_OFFSET);
        bytes
    }
}

impl ItemKey for EthereumKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::Ethereum
    }

    fn owner(&self) -> Result<Vec<u8>> {
        Ok(self.public_key())
    }

    fn sign_hash(&self, hash: &Hash, _: &impl Random) -> Result<Vec<u8>> {
        Ok(self.sign_digest(&personal_digest(hash)))
    }
}
