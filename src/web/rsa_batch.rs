//! Many RSA signatures at once, through `SubtleCrypto`, which verifies them beside the work of this thread.

use std::collections::BTreeMap;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{CryptoKey, RsaPssParams, SubtleCrypto};

use super::crypto::{RSA_PSS, import};
use super::get;
use super::global::subtle;
use super::hash::Hash;
use crate::arweave::Jwk;
use crate::platform::{LocalFuture, PlatformCrypto, RsaSignature};

/// The cryptography of the browser. Where a page has none, no signature is verified.
#[derive(Debug, Clone, Copy)]
pub struct WebCrypto;

impl PlatformCrypto for WebCrypto {
    fn verify_rsa<'a>(&'a self, signatures: &'a [RsaSignature]) -> LocalFuture<'a, Vec<bool>> {
        Box::pin(async move {
            let mut verified = vec![false; signatures.len()];
            if let Some(subtle) = subtle() {
                // What fails is left to the caller, which can verify every signature itself.
                let _ = verify_all(&subtle, signatures, &mut verified).await;
            }
            verified
        })
    }

    fn sha256<'a>(&'a self, bytes: &'a [u8]) -> LocalFuture<'a, Option<[u8; 32]>> {
        Box::pin(async move {
            let digest = subtle()?
                .digest_with_str_and_u8_array(Hash::Sha256.name(), bytes)
                .ok()?;
            let digest = Uint8Array::new(&digest.await.ok()?).to_vec();
            digest.try_into().ok()
        })
    }
}

/// A signature does not contain the length of its salt, so the usual lengths are tried.
async fn verify_all(subtle: &SubtleCrypto, signatures: &[RsaSignature], verified: &mut [bool]) -> Result<(), JsValue> {
    let mut keys: BTreeMap<&[u8], CryptoKey> = BTreeMap::new();
    for RsaSignature { owner, .. } in signatures {
        if !keys.contains_key(&**owner)
            && let Ok(key) = import(subtle, &Jwk::public(owner), Hash::Sha256, "verify").await
        {
            keys.insert(owner, key);
        }
    }
    for salt_length in Hash::Sha256.salt_lengths() {
        let params = RsaPssParams::new(RSA_PSS, *salt_length);
        let mut open = Vec::new();
        let promises = Array::new();
        for (at, signature) in signatures.iter().enumerate() {
            if verified.get(at) == Some(&true) {
                continue;
            }
            let Some(key) = keys.get(&*signature.owner) else {
                continue;
            };
            let [bytes, hash] = [&signature.signature[..], &signature.hash].map(Uint8Array::from);
            let promise = subtle.verify_with_object_and_js_u8_array_and_js_u8_array(&params, key, &bytes, &hash)?;
            promises.push(&promise.into());
            open.push(at);
        }
        if open.is_empty() {
            break;
        }
        let outcomes: Array = Promise::all_settled(&promises).await?.into();
        for (at, outcome) in open.into_iter().zip(outcomes.iter()) {
            if let Some(place) = verified.get_mut(at) {
                *place = get(&outcome, "value").is_truthy();
            }
        }
    }
    Ok(())
}
