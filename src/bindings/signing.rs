//! What all signers that are functions have in common.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::error::to_js;
use crate::arweave::from_base64url;
use crate::error::{Error, ErrorKind, Result};
use crate::web::{JsBytes, Thrown, get, message_of, unreadable};

/// The key that `create` was asked with.
pub fn public_key_of(fields: &JsValue) -> Result<Vec<u8>> {
    let public_key = to_bytes(&get(fields, "publicKey"))?.ok_or_else(|| {
        Error::new(
            ErrorKind::BadKey,
            "publicKey: Unexpected type. Value must be one of Uint8Array, ArrayBuffer, or base64url-encoded string",
        )
    })?;
    public_key.to_vec()
}

/// Bytes, or base64 text in either alphabet.
///
/// # Errors
/// `BadArgument` for bytes that cannot be read.
pub fn to_bytes(value: &JsValue) -> Result<Option<JsBytes>> {
    if let Some(text) = value.as_string() {
        let bytes = from_base64url(&text.replace('+', "-").replace('/', "_"));
        return Ok(bytes.map(|bytes| JsBytes::own(Uint8Array::from(&bytes[..]))));
    }
    match (JsBytes::from_js(value), unreadable(value)) {
        (None, Some(what)) => Err(Error::new(ErrorKind::BadArgument, format!("Received {what}"))),
        (bytes, _) => Ok(bytes),
    }
}

pub fn misuse(message: &str) -> Error {
    Error::new(ErrorKind::Signer, message)
}

/// What became of a signer. Errors that this package made stay what they are: `create` rejects with them, and so do the
/// signers that the package makes. Anything else that a signer throws, whichever `code` it has, is the cause of an error of
/// ours.
pub fn refused(thrown: JsValue) -> Error {
    let message = message_of(&thrown);
    match own_kind(&thrown) {
        Some(kind) => Error::new(kind, message),
        None => Error::new(
            ErrorKind::Signer,
            format!("{message} (said by the signer; nothing was sent)"),
        ),
    }
    .with_source(Thrown(thrown))
}

/// The kind of an error of the package's own class. The time limit of a call that a signer makes is not that of the call that
/// it signs for.
fn own_kind(thrown: &JsValue) -> Option<ErrorKind> {
    let kind = ErrorKind::from_code(&get(thrown, "code").as_string()?)?;
    let ours = to_js(&Error::new(kind, ""));
    let is_ours = get(thrown, "constructor") == get(&ours, "constructor");
    (is_ours && kind != ErrorKind::Timeout).then_some(kind)
}
