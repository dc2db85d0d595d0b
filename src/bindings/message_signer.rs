//! Signs HTTP messages with a signer that is a function.

use std::rc::Rc;

use js_sys::Uint8Array;
use sha2::{Digest, Sha512};
use wasm_bindgen::JsValue;

use super::signer::{FunctionSigner, Signable, misuse, not_created, public_key_of, to_bytes};
use crate::error::{Error, ErrorKind, Result};
use crate::httpsig::{Encoded, SignedMessage};
use crate::signer::MessageSigner;
use crate::web::{Hash, get, verify_pss_with};

impl Signable for Encoded {
    const KIND: &'static str = "httpsig";
    /// The public key.
    type Request = Vec<u8>;

    async fn create(&self, fields: &JsValue) -> Result<(JsValue, Vec<u8>)> {
        let kind = get(fields, "type");
        if !kind.is_undefined() && kind.as_f64() != Some(1.0) {
            let message = "HTTP messages are signed with RSA keys (type 1) in this version";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let public_key = public_key_of(fields)?;
        let base = self.signature_input(&public_key)?.base(self)?;
        Ok((Uint8Array::from(&base[..]).into(), public_key))
    }
}

impl MessageSigner for FunctionSigner {
    async fn sign_message(&self, message: Encoded) -> Result<SignedMessage> {
        message.check_verifiable()?;
        if let Some(key) = self.own_key(Hash::Sha512).await? {
            let input = message.signature_input(key.public())?;
            let signature = key.sign(&input.base(&message)?).await?;
            return Ok(message.with_signature(&input, &signature));
        }
        let message = Rc::new(message);
        let (result, public_key) = self.call(&message).await?;
        let public_key = public_key.ok_or_else(not_created)?;
        let signature = to_bytes(&get(&result, "signature"))?;
        let signature = signature.ok_or_else(|| misuse("signer must return its signature and address"))?;
        let signature = signature.to_vec()?;
        let input = message.signature_input(&public_key)?;
        check(&public_key, &input.base(&message)?, &signature).await?;
        Ok(Rc::unwrap_or_clone(message).with_signature(&input, &signature))
    }
}

/// Verifies the signature of a foreign signer.
///
/// # Errors
/// `BadSignature`; `Unsupported` for wallets that sign the hash of the message instead.
async fn check(public_key: &[u8], base: &[u8], signature: &[u8]) -> Result<()> {
    let matches = async |bytes: &[u8]| verify_pss_with(Hash::Sha512, public_key, bytes, signature).await;
    if matches(base).await? {
        return Ok(());
    }
    if matches(&Sha512::digest(base)).await? {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "This wallet signs the hash of the message where nodes want the message itself, so they could not verify \
             it. Use the ANS-104 form (signing-format: 'ans104'). Nothing was sent",
        ));
    }
    Err(Error::new(
        ErrorKind::BadSignature,
        "The signature does not belong to the message. Nothing was sent",
    ))
}
