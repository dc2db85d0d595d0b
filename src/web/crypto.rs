//! RSA through `SubtleCrypto`, which is ten times as fast as WebAssembly. [`super::rsa`] does what it cannot do.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Algorithm, CryptoKey, CryptoKeyPair, RsaHashedImportParams, RsaPssParams, SubtleCrypto};

use super::global::subtle;
use super::hash::Hash;
use super::{Thrown, get, jwk_to_js, message_of, rsa, set};
use crate::arweave::Jwk;
use crate::error::{Error, ErrorKind, Result};

/// A private key, imported where it signs fastest.
pub enum KeyHandle {
    Subtle(CryptoKey),
    Local(Box<Jwk>),
}

impl KeyHandle {
    /// Imports a key for the signatures of data items.
    ///
    /// # Errors
    /// `BadKey`.
    pub async fn import(jwk: &Jwk) -> Result<Self> {
        Self::import_for(jwk, Hash::Sha256).await
    }

    /// The same for signatures with another hash.
    pub async fn import_for(jwk: &Jwk, hash: Hash) -> Result<Self> {
        let jwk = jwk.normalised()?;
        let Some(subtle) = subtle() else {
            return Ok(Self::Local(Box::new(rsa::repair(&jwk).await?)));
        };
        if jwk.is_complete()
            && let Ok(key) = import(&subtle, &jwk, hash, "sign").await
        {
            return Ok(Self::Subtle(key));
        }
        // The primes are missing or wrong. They can be computed from the exponents.
        let repaired = rsa::repair(&jwk).await?;
        import(&subtle, &repaired, hash, "sign")
            .await
            .map(Self::Subtle)
            .map_err(|thrown| {
                Error::new(
                    ErrorKind::BadKey,
                    format!("The key cannot be used: {}", message_of(&thrown)),
                )
                .with_source(Thrown(thrown))
            })
    }

    /// Signs the SHA-256 of `message` with RSA-PSS.
    pub async fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.sign_with(Hash::Sha256, message).await
    }

    /// The same with the hash for which the key was imported.
    pub async fn sign_with(&self, hash: Hash, message: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Local(key) => rsa::sign(hash, key, message).await,
            Self::Subtle(key) => subtle_sign(hash, key, message).await.map_err(|thrown| {
                Error::new(
                    ErrorKind::Signer,
                    format!("The browser refuses to sign: {}", message_of(&thrown)),
                )
                .with_source(Thrown(thrown))
            }),
        }
    }
}

/// A key that signs. Its first signature is verified; the others are not.
pub struct SigningKey {
    hash: Hash,
    handle: KeyHandle,
    public: Vec<u8>,
    proven: Cell<bool>,
}

impl SigningKey {
    /// # Errors
    /// `BadKey`.
    pub async fn import(jwk: &Jwk) -> Result<Self> {
        Self::import_for(jwk, Hash::Sha256).await
    }

    /// The same for signatures with another hash.
    pub async fn import_for(jwk: &Jwk, hash: Hash) -> Result<Self> {
        Ok(Self {
            hash,
            handle: KeyHandle::import_for(jwk, hash).await?,
            public: jwk.normalised()?.modulus()?,
            proven: Cell::new(false),
        })
    }

    /// Of its signatures.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The modulus.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// # Errors
    /// `BadKey` when the first signature does not verify.
    pub async fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let signature = self.handle.sign_with(self.hash, message).await?;
        if !self.proven.get() {
            if !verify_pss_with(self.hash, &self.public, message, &signature).await? {
                return Err(Error::new(
                    ErrorKind::BadKey,
                    "The key's numbers do not fit together; is the file damaged?",
                ));
            }
            self.proven.set(true);
        }
        Ok(signature)
    }
}

async fn subtle_sign(hash: Hash, key: &CryptoKey, message: &[u8]) -> std::result::Result<Vec<u8>, JsValue> {
    let subtle = subtle().ok_or_else(|| JsValue::from_str("SubtleCrypto is gone"))?;
    let signature = subtle
        .sign_with_object_and_js_u8_array(
            &RsaPssParams::new(RSA_PSS, hash.salt_length()),
            key,
            &Uint8Array::from(message),
        )?
        .await?;
    Ok(Uint8Array::new(&signature).to_vec())
}

/// Whether a signature over `message` belongs to the modulus `n`. A signature does not contain the length of its salt, so the
/// usual lengths are tried with `SubtleCrypto`, and only an unusual one, or a wrong signature, is left to the slower code.
///
/// # Errors
/// `Unsupported` when the code for the unusual cases cannot be loaded.
pub async fn verify_pss(n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
    verify_pss_with(Hash::Sha256, n, message, signature).await
}

/// The same with another hash.
pub async fn verify_pss_with(hash: Hash, n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
    match subtle_verify(hash, n, message, signature).await {
        Ok(true) => Ok(true),
        _ => rsa::verify(hash, n, message, signature).await,
    }
}

async fn subtle_verify(hash: Hash, n: &[u8], message: &[u8], signature: &[u8]) -> std::result::Result<bool, JsValue> {
    let Some(subtle) = subtle() else { return Ok(false) };
    let Verifier {
        key,
        salt_length: usual,
        ..
    } = verifier(&subtle, hash, n).await?;
    let (message, signature) = (Uint8Array::from(message), Uint8Array::from(signature));
    let others = hash.salt_lengths().iter().copied().filter(|length| *length != usual);
    for salt_length in std::iter::once(usual).chain(others) {
        let matches = subtle
            .verify_with_object_and_js_u8_array_and_js_u8_array(
                &RsaPssParams::new(RSA_PSS, salt_length),
                &key,
                &signature,
                &message,
            )?
            .await?;
        if matches.is_truthy() {
            let n = n.to_vec();
            VERIFIER.with(|last| {
                last.replace(Some(Verifier {
                    hash,
                    n,
                    key,
                    salt_length,
                }))
            });
            return Ok(true);
        }
    }
    Ok(false)
}

/// The public key of the last valid signature, and its salt length. A page mostly sees one signer, whose items all have salts
/// of one length.
#[derive(Clone)]
struct Verifier {
    hash: Hash,
    n: Vec<u8>,
    key: CryptoKey,
    salt_length: u32,
}

thread_local! {
    static VERIFIER: RefCell<Option<Verifier>> = const { RefCell::new(None) };
}

async fn verifier(subtle: &SubtleCrypto, hash: Hash, n: &[u8]) -> std::result::Result<Verifier, JsValue> {
    let last = VERIFIER.with_borrow(|last| last.as_ref().filter(|last| last.hash == hash && last.n == n).cloned());
    if let Some(last) = last {
        return Ok(last);
    }
    Ok(Verifier {
        hash,
        n: n.to_vec(),
        key: import(subtle, &Jwk::public(n), hash, "verify").await?,
        salt_length: hash.salt_length(),
    })
}

/// A new RSA-4096 key.
///
/// # Errors
/// `Unsupported` without `SubtleCrypto`: in WebAssembly it would take a minute.
pub async fn generate_jwk() -> Result<JsValue> {
    let Some(subtle) = subtle() else {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "Keys can only be made with SubtleCrypto, which is missing here. Use https or localhost; in jsdom, set \
             `globalThis.crypto` to `process.getBuiltinModule('node:crypto').webcrypto`",
        ));
    };
    let algorithm = pss_algorithm(Hash::Sha256);
    set(&algorithm, "modulusLength", 4096);
    set(&algorithm, "publicExponent", Uint8Array::from(&[1, 0, 1][..]));
    let usages = Array::of1(&"sign".into());
    let make = async {
        let pair = subtle.generate_key_with_object(&algorithm, true, &usages)?.await?;
        let pair: CryptoKeyPair = pair.unchecked_into();
        subtle.export_key("jwk", &pair.get_private_key())?.await
    };
    let whole = make.await.map_err(|thrown: JsValue| {
        Error::new(
            ErrorKind::Unsupported,
            format!("The browser cannot make a key: {}", message_of(&thrown)),
        )
        .with_source(Thrown(thrown))
    })?;
    // Only the members of a wallet's key file: `alg` and `key_ops` keep other programs from using the key.
    let jwk = Object::new();
    for member in ["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        set(&jwk, member, get(&whole, member));
    }
    Ok(jwk.into())
}

pub(super) const RSA_PSS: &str = "RSA-PSS";

fn pss_algorithm(hash: Hash) -> RsaHashedImportParams {
    let algorithm = RsaHashedImportParams::new_with_str(hash.name());
    algorithm.unchecked_ref::<Algorithm>().set_name(RSA_PSS);
    algorithm
}

pub(super) async fn import(
    subtle: &SubtleCrypto,
    jwk: &Jwk,
    hash: Hash,
    usage: &str,
) -> std::result::Result<CryptoKey, JsValue> {
    let usages = Array::of1(&usage.into());
    let imported = subtle
        .import_key_with_object("jwk", &jwk_to_js(jwk), &pss_algorithm(hash), false, &usages)?
        .await?;
    Ok(imported.unchecked_into())
}
