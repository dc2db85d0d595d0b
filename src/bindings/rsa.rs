//! RSA in WebAssembly, for the other modules: see `web::rsa`.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::arweave::{PrivateKey, pss};
use crate::web::{WebRandom, jwk_from_js, jwk_to_js};

/// Signs the SHA-256 of the message with RSA-PSS.
#[wasm_bindgen(js_name = rsaSign)]
pub fn sign(jwk: JsValue, message: &[u8]) -> std::result::Result<Vec<u8>, JsValue> {
    Ok(pss::sign(&PrivateKey::new(&jwk_from_js(&jwk)?)?, message, &WebRandom)?)
}

/// Whether the signature over the SHA-256 of the message belongs to the modulus, whatever the length of its salt.
#[wasm_bindgen(js_name = rsaVerify)]
pub fn verify(n: &[u8], message: &[u8], signature: &[u8]) -> bool {
    pss::verify(n, message, signature)
}

/// Signs the SHA-512 of the message with RSA-PSS.
#[wasm_bindgen(js_name = rsaSignSha512)]
pub fn sign_sha512(jwk: JsValue, message: &[u8]) -> std::result::Result<Vec<u8>, JsValue> {
    Ok(pss::sign_sha512(
        &PrivateKey::new(&jwk_from_js(&jwk)?)?,
        message,
        &WebRandom,
    )?)
}

/// Whether the signature over the SHA-512 of the message belongs to the modulus, whatever the length of its salt.
#[wasm_bindgen(js_name = rsaVerifySha512)]
pub fn verify_sha512(n: &[u8], message: &[u8], signature: &[u8]) -> bool {
    pss::verify_sha512(n, message, signature)
}

/// Computes the primes of a key from its exponents.
#[wasm_bindgen(js_name = rsaRepair)]
pub fn repair(jwk: JsValue) -> std::result::Result<JsValue, JsValue> {
    let whole = PrivateKey::from_exponents(&jwk_from_js(&jwk)?)?.to_jwk()?;
    Ok(jwk_to_js(&whole).into())
}
