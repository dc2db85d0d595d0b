//! What all signers that are functions have in common.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use crate::arweave::from_base64url;
use crate::error::{Error, ErrorKind, Result};
use crate::web::{JsData, Thrown, get, message_of};

/// The key that `create` was asked with.
pub fn public_key_of(fields: &JsValue) -> Result<Vec<u8>> {
    let public_key = to_bytes(&get(fields, "publicKey")).ok_or_else(|| {
        Error::new(
            ErrorKind::BadKey,
            "publicKey: Unexpected type. Value must be one of Uint8Array, ArrayBuffer, or base64url-encoded string",
        )
    })?;
    Ok(public_key.to_vec())
}

/// Bytes, or base64 text in either alphabet.
pub fn to_bytes(value: &JsValue) -> Option<Uint8Array> {
    if let Some(text) = value.as_string() {
        let bytes = from_base64url(&text.replace('+', "-").replace('/', "_"))?;
        return Some(Uint8Array::from(&bytes[..]));
    }
    match JsData::from_js(value.clone()) {
        Ok(JsData::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}

pub fn misuse(message: &str) -> Error {
    Error::new(ErrorKind::Signer, message)
}

/// Errors of ours that come back through the signer stay what they are.
pub fn refused(thrown: JsValue) -> Error {
    let code = get(&thrown, "code").as_string();
    let kind = code.as_deref().and_then(ErrorKind::from_code);
    let message = message_of(&thrown);
    match kind {
        Some(kind) => Error::new(kind, message),
        None => Error::new(
            ErrorKind::Signer,
            format!("{message} (said by the signer; nothing was sent)"),
        ),
    }
    .with_source(Thrown(thrown))
}
