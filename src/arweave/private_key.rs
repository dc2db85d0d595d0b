//! Private keys for signing in Rust, without the platform's cryptography.

use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, RsaPrivateKey};

use super::jwk::bad_key;
use super::{Jwk, from_base64url, to_base64url};
use crate::error::Result;

/// An RSA private key.
pub struct PrivateKey(RsaPrivateKey);

impl PrivateKey {
    /// Reads a private key. Uses the primes where they are given, and computes them otherwise.
    ///
    /// # Errors
    /// `BadKey`.
    pub fn new(jwk: &Jwk) -> Result<Self> {
        let jwk = jwk.normalised()?;
        let (Some(p), Some(q)) = (&jwk.p, &jwk.q) else {
            return Self::from_exponents(&jwk);
        };
        let primes = vec![integer("p", p)?, integer("q", q)?];
        Self::from_parts(&jwk, primes)
    }

    /// Reads a private key from `n`, `e` and `d` alone, which is all that HyperBEAM exports, and computes the primes.
    ///
    /// # Errors
    /// `BadKey`.
    pub fn from_exponents(jwk: &Jwk) -> Result<Self> {
        Self::from_parts(&jwk.normalised()?, Vec::new())
    }

    fn from_parts(jwk: &Jwk, primes: Vec<BoxedUint>) -> Result<Self> {
        let Some(d) = &jwk.d else {
            return Err(bad_key(
                "The key has no private part (d), so that it cannot sign. Give the whole key file",
            ));
        };
        RsaPrivateKey::from_components(integer("n", &jwk.n)?, integer("e", &jwk.e)?, integer("d", d)?, primes)
            .map(Self)
            .map_err(|error| {
                bad_key("The key's numbers do not fit together. Check whether the file is damaged").with_source(error)
            })
    }

    /// Writes the key with all its members.
    ///
    /// # Errors
    /// `BadKey`.
    pub fn to_jwk(&self) -> Result<Jwk> {
        let key = &self.0;
        let show = |number: &BoxedUint| to_base64url(&number.to_be_bytes_trimmed_vartime());
        let missing = || bad_key("The key's primes cannot be used");
        let [p, q] = key.primes() else { return Err(missing()) };
        Ok(Jwk {
            kty: "RSA".into(),
            n: show(key.n()),
            e: show(key.e()),
            d: Some(show(key.d())),
            p: Some(show(p)),
            q: Some(show(q)),
            dp: Some(show(key.dp().ok_or_else(missing)?)),
            dq: Some(show(key.dq().ok_or_else(missing)?)),
            qi: Some(show(&key.crt_coefficient().ok_or_else(missing)?)),
        })
    }

    pub(super) fn rsa(&self) -> &RsaPrivateKey {
        &self.0
    }
}

fn integer(name: &str, text: &str) -> Result<BoxedUint> {
    let bytes = from_base64url(text).ok_or_else(|| bad_key(&format!("The key's {name} is not base64url")))?;
    let bits = (bytes.len() * 8) as u32;
    BoxedUint::from_be_slice(&bytes, bits.max(8))
        .map_err(|_| bad_key(&format!("The key's {name} is not a usable number")))
}
