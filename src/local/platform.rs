//! What a network needs from its platform.

#![allow(async_fn_in_trait, reason = "see `crate::platform`")]

use crate::ans104::Draft;
use crate::error::Result;
use crate::platform::{Clock, Storage};
use crate::signer::{ItemSignature, SignatureCheck, SignedItem, Signer, Verifier};

/// A store, a clock, and cryptography: the key with which the network signs assignments and pushed messages, and a way to
/// verify the signatures of what it receives.
pub trait Platform: Storage + Clock + Verifier + Signer<Data = Vec<u8>, Item = Vec<u8>> {}

impl<T: Storage + Clock + Verifier + Signer<Data = Vec<u8>, Item = Vec<u8>>> Platform for T {}

/// A [`Platform`] that consists of three parts.
pub struct PlatformParts<S, C, K> {
    pub storage: S,
    pub clock: C,
    pub key: K,
}

impl<S: Storage, C, K> Storage for PlatformParts<S, C, K> {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.storage.get(name).await
    }

    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        self.storage.insert(name, bytes).await
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.storage.put(name, bytes).await
    }

    async fn remove(&self, name: &str) -> Result<()> {
        self.storage.remove(name).await
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        self.storage.names(prefix).await
    }
}

impl<S, C: Clock, K> Clock for PlatformParts<S, C, K> {
    fn now(&self) -> u64 {
        self.clock.now()
    }
}

impl<S, C, K: Signer<Data = Vec<u8>, Item = Vec<u8>>> Signer for PlatformParts<S, C, K> {
    type Data = Vec<u8>;
    type Item = Vec<u8>;

    async fn sign(&self, draft: Draft, data: Vec<u8>) -> Result<SignedItem<Vec<u8>>> {
        self.key.sign(draft, data).await
    }
}

impl<S, C, K: Verifier> Verifier for PlatformParts<S, C, K> {
    async fn verify(&self, signature: ItemSignature<'_>) -> Result<SignatureCheck> {
        self.key.verify(signature).await
    }
}
