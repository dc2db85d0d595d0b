//! Verifies signatures of every type.

use super::{ItemSignature, SignatureCheck};
#[cfg(any(feature = "rsa", feature = "ed25519"))]
use crate::ans104::SignatureType;
use crate::ans104::{DataDigest, DataItem, Head, Verification};

/// Checks the signature of an item.
#[cfg_attr(
    not(any(feature = "rsa", feature = "ed25519")),
    allow(unused_variables, reason = "without these features no signature can be checked")
)]
pub fn check(item: ItemSignature<'_>) -> SignatureCheck {
    let ItemSignature {
        signature_type,
        owner,
        hash,
        signature,
    } = item;
    match signature_type {
        #[cfg(feature = "rsa")]
        SignatureType::Arweave => match crate::arweave::pss::verify(owner, hash, signature) {
            true => SignatureCheck::passed(),
            false => SignatureCheck::failed(),
        },
        #[cfg(feature = "ed25519")]
        SignatureType::Ed25519 => super::ed25519::check(owner, hash, signature),
        #[cfg(feature = "signatures")]
        SignatureType::Ethereum => super::ethereum::check(owner, hash, signature),
        #[cfg(feature = "signatures")]
        SignatureType::Solana => super::solana::check(owner, hash, signature),
        #[cfg(feature = "signatures")]
        SignatureType::InjectedAptos => super::aptos::check(owner, hash, signature),
        #[cfg(feature = "signatures")]
        SignatureType::MultiAptos => super::multi_aptos::check(owner, hash, signature),
        #[cfg(feature = "signatures")]
        SignatureType::TypedEthereum => super::typed_ethereum::check(owner, hash, signature),
        #[cfg(not(all(feature = "rsa", feature = "signatures")))]
        _ => SignatureCheck {
            matches: false,
            problems: vec![crate::ans104::Problem::UnsupportedType],
        },
    }
}

/// Checks the signature of an item, given its head and the digest of its data.
pub fn check_head(head: &Head, data: DataDigest) -> SignatureCheck {
    let hash = head.deep_hash(data);
    check(ItemSignature::of(head, &hash))
}

impl DataItem {
    /// Verifies the signature and checks the encoding. `strict` accepts only what every verifier of the network
    /// accepts.
    ///
    /// Type 1 needs the feature `rsa`, the other types need `signatures`. Without it, their items are not valid and have the
    /// problem `UnsupportedType`.
    pub fn verify(&self, strict: bool) -> Verification {
        let check = check_head(self.head(), DataDigest::of(self.data()));
        check.verification(self.problems(), strict)
    }
}
