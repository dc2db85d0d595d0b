//! Verifies signatures of data items: Arweave's with the browser's cryptography, the others in Rust.
//!
//! With the crate's feature `signatures` that code is part of this WebAssembly module. In the npm package it is a module of
//! its own; modules with local networks have Ed25519 in themselves.

use super::verify_pss;
use crate::ans104::{DataDigest, Head, SignatureType};
use crate::error::Result;
use crate::signer::{ItemSignature, SignatureCheck};

/// Checks the signature of an item.
///
/// # Errors
/// `Unsupported` when code for the signature cannot be loaded.
pub async fn check_signature(item: ItemSignature<'_>) -> Result<SignatureCheck> {
    if item.signature_type != SignatureType::Arweave {
        return check_other(item).await;
    }
    Ok(match verify_pss(item.owner, item.hash, item.signature).await? {
        true => SignatureCheck::passed(),
        false => SignatureCheck::failed(),
    })
}

/// Checks the signature of an item, given its head and the digest of its data.
///
/// # Errors
/// As [`check_signature`].
pub async fn check_head(head: &Head, data: DataDigest) -> Result<SignatureCheck> {
    let hash = head.deep_hash(data);
    check_signature(ItemSignature::of(head, &hash)).await
}

#[cfg(feature = "signatures")]
async fn check_other(item: ItemSignature<'_>) -> Result<SignatureCheck> {
    Ok(crate::signer::verify::check(item))
}

#[cfg(not(feature = "signatures"))]
async fn check_other(item: ItemSignature<'_>) -> Result<SignatureCheck> {
    use crate::web::companion::{Companion, call};

    #[cfg(feature = "ed25519")]
    if item.signature_type == SignatureType::Ed25519 {
        return Ok(crate::signer::verify::check(item));
    }
    let bytes = |bytes: &[u8]| js_sys::Uint8Array::from(bytes).into();
    let number = item.signature_type.number().into();
    let arguments = [number, bytes(item.owner), bytes(item.hash), bytes(item.signature)];
    let bits = call(Companion::Signatures, "checkSignature", &arguments).await?;
    Ok(SignatureCheck::from_bits(bits.as_f64().unwrap_or_default() as u32))
}
