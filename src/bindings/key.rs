//! Wallet keys.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::arweave::Id;
use crate::web::{self, jwk_from_js};

/// A key that is ready to sign; imported once, used often.
#[wasm_bindgen]
pub struct SigningKey(web::SigningKey);

#[wasm_bindgen]
impl SigningKey {
    pub async fn import(jwk: JsValue) -> std::result::Result<SigningKey, JsValue> {
        Ok(Self(web::SigningKey::import(&jwk_from_js(&jwk)?).await?))
    }

    #[wasm_bindgen(getter, js_name = publicKey)]
    pub fn public_key(&self) -> Uint8Array {
        Uint8Array::from(self.0.public())
    }

    #[wasm_bindgen(getter)]
    pub fn address(&self) -> String {
        Id::of(self.0.public()).to_string()
    }

    /// RSA-PSS over the SHA-256 of the message.
    pub async fn sign(&self, message: Vec<u8>) -> std::result::Result<Uint8Array, JsValue> {
        Ok(Uint8Array::from(&self.0.sign(&message).await?[..]))
    }
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
