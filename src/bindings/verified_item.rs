//! Data items, parsed and verified where JavaScript keeps their bytes.

use js_sys::Uint8Array;

use super::parsed_head::check;
use crate::ans104::{DataDigest, Head, Parsed};
use crate::error::Result;
use crate::signer::SignedItem;
use crate::web::{JsBytes, hash_bytes};

/// Bytes of an item that are read first. The head of almost every item fits.
const FIRST_LOOK: u32 = 4096;

/// Parses and verifies an item, leniently: it is sent on as its signer signed it. It is copied first, because the bytes belong to
/// the caller, who may change or transfer them before the last try to send them.
///
/// # Errors
/// `BadArgument`, `BadItem`, `Unsupported`, `BadSignature`.
pub async fn verified(raw: &JsBytes) -> Result<(SignedItem<Uint8Array>, Head, DataDigest)> {
    let raw = raw.copy()?;
    let Parsed { head, .. } = read_head(&raw)?;
    let digest = hash_bytes(&raw.subarray(head.as_bytes().len() as u32, raw.length()));
    check(&head, digest).await?;
    Ok((SignedItem { id: head.id(), raw }, head, digest))
}

/// Parses the head of an item, without a copy of its data.
pub fn read_head(raw: &Uint8Array) -> Result<Parsed> {
    let mut length = FIRST_LOOK;
    while length < raw.length() {
        let prefix = raw.subarray(0, length).to_vec();
        let needed = Head::length_within(&prefix)?;
        if needed <= prefix.len() {
            return Head::parse(&prefix);
        }
        length = u32::try_from(needed).unwrap_or(u32::MAX);
    }
    Head::parse(&raw.to_vec())
}
