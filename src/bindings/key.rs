//! Wallet keys.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::arweave::Id;
use crate::web::{self, KeyHandle, jwk_from_js};

/// A key that is ready to sign; imported once, used often.
#[wasm_bindgen]
pub struct SigningKey {
    handle: KeyHandle,
    public_key: Vec<u8>,
}

#[wasm_bindgen]
impl SigningKey {
    pub async fn import(jwk: JsValue) -> std::result::Result<SigningKey, JsValue> {
        let jwk = jwk_from_js(&jwk)?;
        let handle = KeyHandle::import(&jwk).await?;
        let public_key = jwk.normalised()?.modulus()?;
        Ok(Self { handle, public_key })
    }

    #[wasm_bindgen(getter, js_name = publicKey)]
    pub fn public_key(&self) -> Uint8Array {
        Uint8Array::from(&self.public_key[..])
    }

    #[wasm_bindgen(getter)]
    pub fn address(&self) -> String {
        Id::of(&self.public_key).to_string()
    }

    /// RSA-PSS over the SHA-256 of the message.
    pub async fn sign(&self, message: Vec<u8>) -> std::result::Result<Uint8Array, JsValue> {
        let signature = self.handle.sign(&message).await?;
        Ok(Uint8Array::from(&signature[..]))
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
