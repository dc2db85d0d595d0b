//! Wallet keys.

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::signer::sign_for;
use crate::web::{self, Hash, jwk_from_js};

/// Signs an item for a `create` of any library. Returns `{ signature, address }`.
#[wasm_bindgen(js_name = signWith)]
pub async fn sign_with(jwk: JsValue, create: Function) -> std::result::Result<JsValue, JsValue> {
    // aoconnect's name for it, although it is RSA-PSS.
    sign_for(jwk, create, Hash::Sha256, "rsa-v1_5-sha256").await
}

/// A new key, as a JWK.
#[wasm_bindgen(js_name = generateJwk)]
pub async fn generate_jwk() -> std::result::Result<JsValue, JsValue> {
    Ok(web::generate_jwk().await?)
}

/// The address of a key.
#[wasm_bindgen(js_name = jwkToAddress)]
pub fn jwk_to_address(jwk: JsValue) -> std::result::Result<String, JsValue> {
    Ok(jwk_from_js(&jwk)?.normalised()?.address()?.to_string())
}
