//! Signature type 6: several Ed25519 keys of Aptos, of which a number must sign the deep hash.
//!
//! The owner is 32 public keys and the number that must sign, in one byte. The signature is 32 signatures and four bytes with
//! a bit for each: the first bit, which is the highest of the first byte, stands for the first key. Places that are not used
//! hold zeros.

use super::signature_check::SignatureCheck;
use super::{Ed25519Key, ItemKey, bad_key, ed25519};
use crate::ans104::{Hash, Problem, SignatureType};
use crate::error::Result;
use crate::platform::Random;

const MAX_KEYS: usize = 32;
const KEY_LENGTH: usize = 32;
const SIGNATURE_LENGTH: usize = 64;

pub(super) fn check(owner: &[u8], hash: &Hash, signature: &[u8]) -> SignatureCheck {
    let (keys, rest) = owner.as_chunks::<KEY_LENGTH>();
    let (signatures, bits) = signature.as_chunks::<SIGNATURE_LENGTH>();
    let (Ok(bits), [threshold]) = (<[u8; 4]>::try_from(bits), rest) else {
        return SignatureCheck::failed();
    };
    let bits = u32::from_be_bytes(bits);
    let mut check = SignatureCheck::passed();
    let mut signers = Vec::new();
    for (index, (key, signature)) in keys.iter().zip(signatures).enumerate() {
        if bits & (1 << (MAX_KEYS - 1 - index)) != 0 {
            if signers.contains(&key) {
                check.fail(Problem::RepeatedSigner);
            }
            signers.push(key);
            check.add(ed25519::check(key, hash, signature));
        } else if signature.iter().any(|byte| *byte != 0) {
            check.note(Problem::UnusedSignature);
        }
    }
    // arbundles ignores the threshold, and accepts an item that no key has signed.
    if signers.is_empty() || signers.len() < usize::from(*threshold) {
        check.fail(Problem::BelowThreshold);
    }
    check
}

/// Keys of Aptos that sign together, and make items of type 6.
pub struct MultiAptosKey {
    owner: Vec<u8>,
    /// Each with the index of its public key.
    keys: Vec<(usize, Ed25519Key)>,
}

impl MultiAptosKey {
    /// `public_keys` are all keys that may sign, `threshold` is how many must. `keys` are those that sign.
    ///
    /// # Errors
    /// `BadKey` for more than 32 keys, a threshold that cannot be reached, too few keys that sign, and a key that is not
    /// among the public ones.
    pub fn new(public_keys: &[[u8; KEY_LENGTH]], threshold: u8, keys: Vec<Ed25519Key>) -> Result<Self> {
        if public_keys.len() > MAX_KEYS || threshold == 0 || usize::from(threshold) > public_keys.len() {
            let message = format!(
                "{threshold} of {} keys cannot sign together. Give 1 to 32 public keys, and a threshold of at least 1 and at \
                 most their number",
                public_keys.len()
            );
            return Err(bad_key(message));
        }
        let mut owner = public_keys.concat();
        owner.resize(MAX_KEYS * KEY_LENGTH, 0);
        owner.push(threshold);
        let mut indexed: Vec<(usize, Ed25519Key)> = Vec::new();
        for key in keys {
            let index = public_keys.iter().position(|public| public[..] == key.public());
            let index = index.ok_or_else(|| bad_key("A key that signs is not among the public keys"))?;
            if indexed.iter().all(|(other, _)| *other != index) {
                indexed.push((index, key));
            }
        }
        if indexed.len() < usize::from(threshold) {
            let message = format!("{} keys sign, and {threshold} must", indexed.len());
            return Err(bad_key(message));
        }
        Ok(Self { owner, keys: indexed })
    }
}

impl ItemKey for MultiAptosKey {
    fn signature_type(&self) -> SignatureType {
        SignatureType::MultiAptos
    }

    fn owner(&self) -> Result<Vec<u8>> {
        Ok(self.owner.clone())
    }

    fn sign_hash(&self, hash: &Hash, _: &impl Random) -> Result<Vec<u8>> {
        let mut signature = vec![0; MAX_KEYS * SIGNATURE_LENGTH];
        let mut bits = 0_u32;
        for (index, key) in &self.keys {
            let start = index * SIGNATURE_LENGTH;
            signature[start..start + SIGNATURE_LENGTH].copy_from_slice(&key.sign(hash));
            bits |= 1 << (MAX_KEYS - 1 - index);
        }
        signature.extend_from_slice(&bits.to_be_bytes());
        Ok(signature)
    }
}
