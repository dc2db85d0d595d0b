//! RSA where `SubtleCrypto` cannot be used: plain http pages do not have it, it refuses keys without their primes, and it must
//! be given the salt length of a signature.
//!
//! With the crate's feature `rsa` the code is part of this WebAssembly module. In the npm package it is a second one, which
//! the package's JavaScript fetches on first use.

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
    use js_sys::Uint8Array;

    use crate::arweave::Jwk;
    use crate::error::Result;
    use crate::web::companion::{Companion, call};
    use crate::web::{Hash, jwk_from_js, jwk_to_js};

    pub async fn repair(jwk: &Jwk) -> Result<Jwk> {
        jwk_from_js(&call(Companion::Rsa, "rsaRepair", &[jwk_to_js(jwk).into()]).await?)
    }

    pub async fn sign(hash: Hash, jwk: &Jwk, message: &[u8]) -> Result<Vec<u8>> {
        let name = match hash {
            Hash::Sha256 => "rsaSign",
            #[cfg(feature = "httpsig")]
            Hash::Sha512 => "rsaSignSha512",
        };
        let arguments = [jwk_to_js(jwk).into(), Uint8Array::from(message).into()];
        let signature = call(Companion::Rsa, name, &arguments).await?;
        Ok(Uint8Array::new(&signature).to_vec())
    }

    pub async fn verify(hash: Hash, n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
        let name = match hash {
            Hash::Sha256 => "rsaVerify",
            #[cfg(feature = "httpsig")]
            Hash::Sha512 => "rsaVerifySha512",
        };
        let arguments = [n, message, signature].map(|bytes| Uint8Array::from(bytes).into());
        Ok(call(Companion::Rsa, name, &arguments).await?.is_truthy())
    }
}
