//! Verifies signatures of data items: Arweave's with the browser's cryptography, the others in Rust.
//!
//! With the crate's feature `signatures` that code is part of this WebAssembly module. In the npm package it is a module of
//! its own; modules with local networks have Ed25519 in themselves.

use super::verify_pss;
use crate::ans104::{DataDigest, Hash, Head, SignatureType};
use crate::error::Result;
use crate::signer::SignatureCheck;

/// Checks a signature over the deep hash of an item.
///
/// # Errors
/// `Unsupported` when code for the signature cannot be loaded.
pub async fn check_signature(
    signature_type: SignatureType,
    owner: &[u8],
    hash: &Hash,
    signature: &[u8],
) -> Result<SignatureCheck> {
    if signature_type != SignatureType::Arweave {
        return check_other(signature_type, owner, hash, signature).await;
    }
    Ok(match verify_pss(owner, hash, signature).await? {
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
    check_signature(head.signature_type(), head.owner(), &hash, head.signature()).await
}

#[cfg(feature = "signatures")]
async fn check_other(
    signature_type: SignatureType,
    owner: &[u8],
    hash: &Hash,
    signature: &[u8],
) -> Result<SignatureCheck> {
    Ok(crate::signer::verify::check(signature_type, owner, hash, signature))
}

#[cfg(not(feature = "signatures"))]
async fn check_other(
    signature_type: SignatureType,
    owner: &[u8],
    hash: &Hash,
    signature: &[u8],
) -> Result<SignatureCheck> {
    use crate::web::companion::{Companion, call};

    #[cfg(feature = "ed25519")]
    if signature_type == SignatureType::Ed25519 {
        return Ok(crate::signer::verify::check(signature_type, owner, hash, signature));
    }
    let bytes = |bytes: &[u8]| js_sys::Uint8Array::from(bytes).into();
    let number = signature_type.number().into();
    let arguments = [number, bytes(owner), bytes(hash), bytes(signature)];
    let bits = call(Companion::Signatures, "checkSignature", &arguments).await?;
    Ok(SignatureCheck::from_bits(bits.as_f64().unwrap_or_default() as u32))
}
