//! Ids of commitments and of messages. A commitment is a signature, or the keyed hash of an unsigned message.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::fields::joined;
use super::message::{Value, Values};
use crate::arweave::Id;

/// The public key name of keyed hashes. Their key is public too, so that they prove nothing about the sender.
pub const COMMON_KEY: &str = "constant:ao";

/// A commitment's id: the commitment itself if it has 32 bytes, else its SHA-256.
pub fn commitment_id(signature: &[u8]) -> Id {
    <[u8; 32]>::try_from(signature).map_or_else(|_| Id::of(signature), Id::from_bytes)
}

/// The id of a message with several commitments: the hash of their ids, in alphabetical order.
pub fn combined_id(commitments: &[Id]) -> Option<Id> {
    match commitments {
        [] => None,
        [only] => Some(*only),
        several => {
            // A map sorts them. `sort` would add code to the artefact.
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
        // HMAC accepts keys of any length.
        Err(_) => unreachable!(),
    }
}
