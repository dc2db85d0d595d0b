//! Signature type 2: Ed25519 over the deep hash. Types 4, 5 and 6 sign with Ed25519, too.
//!
//! Verifiers differ in what they accept. arbundles follows ZIP-215: it ignores components of small order and accepts some
//! encodings twice. Others compare the encodings byte by byte. A signature is free of problems here only if all of them
//! accept it. What ZIP-215 accepts beyond that has a problem.

use curve25519_dalek::Scalar;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::traits::IsIdentity;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha512};

use super::signature_check::SignatureCheck;
use super::{ItemKey, bad_key};
use crate::ans104::{Hash, Problem, SignatureType};
use crate::error::Result;
use crate::platform::Random;

/// Checks a signature over `message`.
pub(super) fn check(owner: &[u8], message: &[u8], signature: &[u8]) -> SignatureCheck {
    let (Ok(owner), Ok(signature)) = (owner.try_into(), Signature::from_slice(signature)) else {
        return SignatureCheck::failed();
    };
    let point = CompressedEdwardsY(owner);
    let Some(key) = point.decompress() else {
        return SignatureCheck::failed();
    };
    if key.is_small_order() {
        return SignatureCheck::failed_with(Problem::WeakKey);
    }
    let is_canonical = key.compress() == point;
    let strict = VerifyingKey::from_bytes(&owner).and_then(|key| key.verify_strict(message, &signature));
    match strict {
        Ok(()) if is_canonical => SignatureCheck::passed(),
        _ if zip215(owner, key, message, &signature) => SignatureCheck::passed_with(Problem::Ed25519Encoding),
        _ => SignatureCheck::failed(),
    }
}

/// The equation of ZIP-215: `[8][s]B = [8]R + [8][k]A`.
fn zip215(owner: [u8; 32], key: EdwardsPoint, message: &[u8], signature: &Signature) -> bool {
    let Some(r) = CompressedEdwardsY(*signature.r_bytes()).decompress() else {
        return false;
    };
    let Some(s) = Scalar::from_canonical_bytes(*signature.s_bytes()).into_option() else {
        return false;
    };
    let hash = Sha512::new()
        .chain_update(signature.r_bytes())
        .chain_update(owner)
        .chain_update(message)
        .finalize();
    let k = Scalar::from_bytes_mod_order_wide(&hash.into());
    let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(&-k, &key, &s);
    (expected - r).mul_by_cofactor().is_identity()
}

/// An Ed25519 key, which makes items of type 2.
pub struct Ed25519Key(SigningKey);

impl Ed25519Key {
    /// Reads a key: its seed of 32 bytes, or seed and public key, as Solana's key files have them.
    ///
    /// # Errors
    /// `BadKey` for bytes of another length, and where the public key does not belong to the seed.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        if let Ok(seed) = bytes.try_into() {
            return Ok(Self(SigningKey::from_bytes(&seed)));
        }
        let Ok(pair) = bytes.try_into() else {
            let message = format!("An Ed25519 key has 32 or 64 bytes, and this one has {}", bytes.len());
            return Err(bad_key(message));
        };
        let key = SigningKey::from_keypair_bytes(&pair);
        key.map(Self)
            .map_err(|error| bad_key("The two halves of the Ed25519 key do not fit together").with_source(error))
    }

    /// Generates a key.
    ///
    /// # Errors
    /// `Unsupported` where there is no secure source of randomness.
    pub fn generate(random: &impl Random) -> Result<Self> {
        let mut seed = [0; 32];
        random.fill(&mut seed)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The seed, from which [`Ed25519Key::new`] makes the key again.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    pub(super) fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_bytes().to_vec()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
    }
}

impl ItemKey for Ed25519Key {
    fn signature_type(&self) -> SignatureType {
        SignatureType::Ed25519
    }

    fn owner(&self) -> Result<Vec<u8>> {
        Ok(self.public())
    }

    fn sign_hash(&self, hash: &Hash, _: &impl Random) -> Result<Vec<u8>> {
        Ok(self.sign(hash))
    }
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;

    use super::*;

    /// Signs with a component of low order in `R` or in the key. Such signatures fulfil the equation with the cofactor only.
    fn sign_with_torsion(key: EdwardsPoint, nonce: EdwardsPoint) -> SignatureCheck {
        let (secret, r) = (Scalar::from(7_u8), Scalar::from(11_u8));
        let owner = (EdwardsPoint::mul_base(&secret) + key).compress();
        let point = (EdwardsPoint::mul_base(&r) + nonce).compress();
        let hash = Sha512::new()
            .chain_update(point.as_bytes())
            .chain_update(owner.as_bytes())
            .chain_update(b"message");
        let s = r + Scalar::from_bytes_mod_order_wide(&hash.finalize().into()) * secret;
        check(owner.as_bytes(), b"message", &[point.to_bytes(), s.to_bytes()].concat())
    }

    #[test]
    fn check_lists_what_only_zip215_accepts_as_a_problem() {
        let none = EIGHT_TORSION[0];
        assert_eq!(sign_with_torsion(none, none), SignatureCheck::passed());
        let lenient = SignatureCheck::passed_with(Problem::Ed25519Encoding);
        for torsion in &EIGHT_TORSION[1..] {
            assert_eq!(sign_with_torsion(none, *torsion), lenient);
        }
    }

    #[test]
    fn check_refuses_every_key_of_low_order() {
        for torsion in EIGHT_TORSION {
            let owner = torsion.compress();
            let check = check(owner.as_bytes(), b"message", &[0; 64]);
            assert_eq!(check, SignatureCheck::failed_with(Problem::WeakKey));
        }
    }
}
