//! RSA where `SubtleCrypto` cannot be used: plain http pages do not have it, it refuses keys without their primes, and it must
//! be given the salt length of a signature.
//!
//! With the crate's feature `rsa` the code is part of this WebAssembly module. In the npm package it is a second one, which
//! the package's JavaScript fetches on first use.

#[cfg(not(feature = "rsa"))]
pub use elsewhere::set_loader;
#[cfg(not(feature = "rsa"))]
pub(super) use elsewhere::{repair, sign, verify};
#[cfg(feature = "rsa")]
pub(super) use here::{repair, sign, verify};

#[cfg(feature = "rsa")]
mod here {
    use crate::arweave::{Jwk, PrivateKey, pss};
    use crate::error::Result;
    use crate::web::{Hash, WebRandom};

    /// The whole key, from its exponents.
    pub async fn repair(jwk: &Jwk) -> Result<Jwk> {
        PrivateKey::from_exponents(jwk)?.to_jwk()
    }

    pub async fn sign(hash: Hash, jwk: &Jwk, message: &[u8]) -> Result<Vec<u8>> {
        let key = PrivateKey::new(jwk)?;
        match hash {
            Hash::Sha256 => pss::sign(&key, message, &WebRandom),
            #[cfg(feature = "httpsig")]
            Hash::Sha512 => pss::sign_sha512(&key, message, &WebRandom),
        }
    }

    pub async fn verify(hash: Hash, n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
        Ok(match hash {
            Hash::Sha256 => pss::verify(n, message, signature),
            #[cfg(feature = "httpsig")]
            Hash::Sha512 => pss::verify_sha512(n, message, signature),
        })
    }
}

#[cfg(not(feature = "rsa"))]
mod elsewhere {
    use std::cell::RefCell;

    use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
    use wasm_bindgen::JsValue;

    use crate::arweave::Jwk;
    use crate::error::{Error, ErrorKind, Result};
    use crate::web::{Hash, Thrown, get, jwk_from_js, jwk_to_js, message_of, method};

    thread_local! {
        static LOADER: RefCell<Option<Function>> = const { RefCell::new(None) };
    }

    /// Sets the function that loads the second module. It returns a promise of the module's exports.
    pub fn set_loader(loader: Function) {
        LOADER.with(|slot| slot.replace(Some(loader)));
    }

    pub async fn repair(jwk: &Jwk) -> Result<Jwk> {
        jwk_from_js(&call("rsaRepair", &[jwk_to_js(jwk).into()]).await?)
    }

    pub async fn sign(hash: Hash, jwk: &Jwk, message: &[u8]) -> Result<Vec<u8>> {
        let name = match hash {
            Hash::Sha256 => "rsaSign",
            #[cfg(feature = "httpsig")]
            Hash::Sha512 => "rsaSignSha512",
        };
        let signature = call(name, &[jwk_to_js(jwk).into(), Uint8Array::from(message).into()]).await?;
        Ok(Uint8Array::new(&signature).to_vec())
    }

    pub async fn verify(hash: Hash, n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
        let name = match hash {
            Hash::Sha256 => "rsaVerify",
            #[cfg(feature = "httpsig")]
            Hash::Sha512 => "rsaVerifySha512",
        };
        let arguments = [n, message, signature].map(|bytes| Uint8Array::from(bytes).into());
        Ok(call(name, &arguments).await?.is_truthy())
    }

    async fn call(name: &str, arguments: &[JsValue]) -> Result<JsValue> {
        let loader = LOADER.with_borrow(Clone::clone);
        let loader = loader.ok_or_else(|| unavailable(JsValue::from_str("nothing says where to find it")))?;
        let loading = loader.call0(&JsValue::UNDEFINED).map_err(unavailable)?;
        let module = Promise::resolve(&loading).await.map_err(unavailable)?;
        let function = method(&module, name).ok_or_else(|| unavailable(JsValue::from_str("it is incomplete")))?;
        Reflect::apply(&function, &module, &arguments.iter().collect::<Array>()).map_err(passed_on)
    }

    /// Converts an error of the second module, which has the same codes.
    fn passed_on(thrown: JsValue) -> Error {
        let code = get(&thrown, "code").as_string().unwrap_or_default();
        match ErrorKind::from_code(&code) {
            Some(kind) => Error::new(kind, message_of(&thrown)).with_source(Thrown(thrown)),
            None => unavailable(thrown),
        }
    }

    fn unavailable(thrown: JsValue) -> Error {
        Error::new(
            ErrorKind::Unsupported,
            format!("The module for RSA cannot be loaded: {}", message_of(&thrown)),
        )
        .with_source(Thrown(thrown))
    }
}
