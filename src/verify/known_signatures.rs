//! Signatures that the platform has verified before they are needed.

use crate::platform::{PlatformCrypto, RsaSignature};

/// Signatures of Arweave keys that are verified. Whoever checks one of them again need not compute with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownSignatures {
    /// Sorted.
    verified: Vec<RsaSignature>,
}

impl KnownSignatures {
    /// Verifies signatures with the platform's code. Those that it does not verify are left out: they may be valid all the same.
    pub async fn verify(mut signatures: Vec<RsaSignature>, crypto: &dyn PlatformCrypto) -> Self {
        let verified = crypto.verify_rsa(&signatures).await;
        let mut verified = verified.into_iter();
        signatures.retain(|_| verified.next() == Some(true));
        signatures.sort_unstable();
        Self { verified: signatures }
    }

    /// Whether this very signature, over this hash and of this key, is verified.
    pub(super) fn contains(&self, signature: &[u8], hash: &[u8; 48], owner: &[u8]) -> bool {
        let found = self.verified.binary_search_by(|known| {
            let known = (&*known.signature, &known.hash, &*known.owner);
            known.cmp(&(signature, hash, owner))
        });
        found.is_ok()
    }
}
