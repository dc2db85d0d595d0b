//! RSA-PSS (RFC 8017): with SHA-256 and MGF1-SHA-256 for Arweave, and with SHA-512 and MGF1-SHA-512 for HTTP messages
//! (RFC 9421 section 3.3.1).

use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::SignatureScheme;
use rsa::{BoxedUint, Pss, RsaPublicKey};
use sha2::digest::FixedOutputReset;
use sha2::{Digest, Sha256, Sha512};

use super::{PrivateKey, SALT_LENGTH, SALT_LENGTH_SHA512};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::Random;

/// Signs the SHA-256 of `message`.
///
/// # Errors
/// `BadKey` where the key cannot sign.
pub fn sign(key: &PrivateKey, message: &[u8], random: &impl Random) -> Result<Vec<u8>> {
    sign_with::<Sha256>(SALT_LENGTH, key, message, random)
}

/// Signs the SHA-512 of `message`, with a salt of 64 bytes.
///
/// # Errors
/// `BadKey` where the key cannot sign.
pub fn sign_sha512(key: &PrivateKey, message: &[u8], random: &impl Random) -> Result<Vec<u8>> {
    sign_with::<Sha512>(SALT_LENGTH_SHA512, key, message, random)
}

fn sign_with<D: Digest + FixedOutputReset>(
    salt_length: usize,
    key: &PrivateKey,
    message: &[u8],
    random: &impl Random,
) -> Result<Vec<u8>> {
    let mut source = RandomSource(random);
    Pss::<D>::new_with_salt(salt_length)
        .sign(Some(&mut source), key.rsa(), &D::digest(message))
        .map_err(|error| Error::new(ErrorKind::BadKey, "The key cannot sign").with_source(error))
}

/// Verifies a signature over the SHA-256 of `message`, for the modulus `n` and the exponent 65537. Accepts any salt
/// length, since signers use different ones.
pub fn verify(n: &[u8], message: &[u8], signature: &[u8]) -> bool {
    verify_with::<Sha256>(n, message, signature)
}

/// As [`verify`], over the SHA-512 of `message`.
pub fn verify_sha512(n: &[u8], message: &[u8], signature: &[u8]) -> bool {
    verify_with::<Sha512>(n, message, signature)
}

fn verify_with<D: Digest + FixedOutputReset>(n: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let bits = (n.len() * 8) as u32;
    let Ok(modulus) = BoxedUint::from_be_slice(n, bits) else {
        return false;
    };
    let Ok(key) = RsaPublicKey::new(modulus, BoxedUint::from(65_537_u64)) else {
        return false;
    };
    let scheme = Pss::<D> {
        salt_len: None,
        ..Pss::new()
    };
    key.verify(scheme, &D::digest(message), signature).is_ok()
}

/// Adapts the platform's randomness to the `rsa` crate, which needs it for salt and blinding.
struct RandomSource<'a, R>(&'a R);

impl<R: Random> TryRng for RandomSource<'_, R> {
    type Error = Error;

    fn try_next_u32(&mut self) -> Result<u32> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.0.fill(bytes)
    }
}

// Implementations of `Random` have to be cryptographically secure.
impl<R: Random> TryCryptoRng for RandomSource<'_, R> {}
