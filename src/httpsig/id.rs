//! Ids of commitments and of messages. A commitment is a signature, or the keyed hash that stands for a message without
//! one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::fields::joined;
use super::message::{Value, Values};
use crate::arweave::Id;

/// The key of hashes that everyone can make.
pub const COMMON_KEY: &str = "constant:ao";

/// A signature's id: 32 bytes are their own, longer ones have that of their hash.
pub fn commitment_id(signature: &[u8]) -> Id {
    <[u8; 32]>::try_from(signature).map_or_else(|_| Id::of(signature), Id::from_bytes)
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
