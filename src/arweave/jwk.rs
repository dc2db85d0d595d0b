//! Wallet keys: RSA keys as JSON Web Keys (RFC 7517, RFC 7518 section 6.3), in the variants that key files have.

use serde::{Deserialize, Serialize};

use super::{Id, from_base64url, to_base64url};
use crate::error::{Error, ErrorKind, Result};

/// Bytes of an Arweave key's modulus. ANS-104 signature type 1 has no other size.
pub(crate) const MODULUS_LENGTH: usize = 512;

/// An RSA key in JSON. It has no members `alg`, `use` and `key_ops`: with those of some files, `SubtleCrypto` refuses a
/// good key.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Jwk {
    pub kty: String,
    pub n: String,
    pub e: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dq: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qi: Option<String>,
}

impl Jwk {
    /// The public key with this modulus and Arweave's exponent.
    pub fn public(modulus: &[u8]) -> Self {
        Self {
            kty: "RSA".into(),
            n: to_base64url(modulus),
            e: "AQAB".into(),
            ..Self::default()
        }
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// `BadKey`.
    pub fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|error| {
            bad_key(&format!(
                "The key is not a JSON Web Key ({error}). Give the wallet's key file"
            ))
        })
    }

    /// Normalises every number to RFC 7518's form, without padding and leading zeros, and checks that the key is an
    /// Arweave key: RSA, 4096 bits, exponent 65537.
    ///
    /// # Errors
    /// `BadKey`.
    pub fn normalised(&self) -> Result<Self> {
        if self.kty != "RSA" {
            return Err(bad_key(&format!(
                "The key's kty is \"{}\". Give an Arweave wallet's key, whose kty is \"RSA\"",
                self.kty
            )));
        }
        let number = |name: &str, text: &str| -> Result<String> {
            let bytes = from_base64url(text).ok_or_else(|| bad_key(&format!("The key's {name} is not base64url")))?;
            Ok(to_base64url(trim(&bytes)))
        };
        let optional = |name: &str, text: &Option<String>| -> Result<Option<String>> {
            text.as_deref()
                .filter(|text| !text.is_empty())
                .map(|text| number(name, text))
                .transpose()
        };
        let key = Self {
            kty: self.kty.clone(),
            n: number("n", &self.n)?,
            e: number("e", &self.e)?,
            d: optional("d", &self.d)?,
            p: optional("p", &self.p)?,
            q: optional("q", &self.q)?,
            dp: optional("dp", &self.dp)?,
            dq: optional("dq", &self.dq)?,
            qi: optional("qi", &self.qi)?,
        };
        let length = key.modulus()?.len();
        if length != MODULUS_LENGTH {
            return Err(bad_key(&format!(
                "Owner must be 512 bytes, but was incorrectly {length}. Arweave wallets have RSA keys of 4096 bits"
            )));
        }
        if key.e != "AQAB" {
            return Err(bad_key(
                "The key's public exponent must be 65537. Give an Arweave wallet's key",
            ));
        }
        Ok(key)
    }

    /// The public key as data items carry it: the modulus, big-endian.
    pub fn modulus(&self) -> Result<Vec<u8>> {
        from_base64url(&self.n).ok_or_else(|| bad_key("The key's n is not base64url"))
    }

    pub fn address(&self) -> Result<Id> {
        Ok(Id::of(&self.modulus()?))
    }

    /// Whether the key has every member that `SubtleCrypto.importKey` needs.
    pub fn is_complete(&self) -> bool {
        [&self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi]
            .iter()
            .all(|member| member.is_some())
    }
}

fn trim(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

pub(super) fn bad_key(message: &str) -> Error {
    Error::new(ErrorKind::BadKey, message)
}
