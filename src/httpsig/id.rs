//! Ids of commitments and of messages. A commitment is a signature, or the keyed hash that stands for a message without
//! one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::encode::Encoded;
use super::fields::joined;
use super::message::{Value, Values};
use super::sign::{Algorithm, input};
use crate::arweave::Id;
use crate::error::Result;

/// The key of hashes that everyone can make.
pub const COMMON_KEY: &str = "constant:ao";

/// A signature's id: 32 bytes are their own, longer ones have that of their hash.
pub fn commitment_id(signature: &[u8]) -> Id {
    <[u8; 32]>::try_from(signature).map_or_else(|_| Id::of(signature), Id::from_bytes)
}

/// The id of a message that nobody has signed.
///
/// # Errors
/// `Unsupported` when nodes would encode it differently, and so see another id.
pub fn unsigned_id(encoded: &Encoded) -> Result<Id> {
    encoded.check_verifiable()?;
    let base = input(encoded, Algorithm::HmacSha256, COMMON_KEY, encoded.nested)?.base(encoded)?;
    Ok(Id::from_bytes(keyed_hash(COMMON_KEY.as_bytes(), &base)))
}

/// The id of a message with several commitments: of their ids, in alphabetical order.
pub fn combined_id(commitments: &[Id]) -> Option<Id> {
    match commitments {
        [] => None,
        [only] => Some(*only),
        several => {
            // A map puts them in order; to sort them is more code.
            let mut shown = Values::new();
            for id in several {
                shown.insert(id.to_string(), Value::Bytes(Vec::new()));
            }
            Some(Id::of(joined(&mut shown.keys().cloned(), ", ").as_bytes()))
        }
    }
}

pub(super) fn keyed_hash(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut hash) => {
            hash.update(bytes);
            hash.finalize().into_bytes().into()
        }
        // A key of any length will do.
        Err(_) => unreachable!(),
    }
}
