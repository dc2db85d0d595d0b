//! `Content-Digest` (RFC 9530).

use sfv::{BareItem, ListEntry};
use sha2::{Digest, Sha256, Sha512};

use super::fields::{Dictionary, show_bytes};
use super::problem::{Fault, Problem};

/// The field's value for a body. It uses SHA-256, as nodes do.
pub fn content_digest(body: &[u8]) -> String {
    show_bytes("sha-256", &Sha256::digest(body)).unwrap_or_default()
}

/// Checks every digest in the field that has a known algorithm. There must be at least one.
///
/// # Errors
/// `BadField`, `Digest`, `UnknownDigest`.
pub fn check_digest(field: &[u8], body: &[u8]) -> Result<(), Problem> {
    let shown = || String::from_utf8_lossy(field).into_owned();
    let Some(members) = Dictionary::parse(field) else {
        return Err(Problem::new(Fault::BadField, "content-digest"));
    };
    let mut known = false;
    for (algorithm, value) in members.iter() {
        let expected = match algorithm {
            "sha-256" => Sha256::digest(body).to_vec(),
            "sha-512" => Sha512::digest(body).to_vec(),
            _ => continue,
        };
        known = true;
        let ListEntry::Item(item) = value else {
            return Err(Problem::new(Fault::BadField, "content-digest"));
        };
        if item.bare_item != BareItem::ByteSequence(expected) {
            return Err(Problem::new(Fault::Digest, shown()));
        }
    }
    if known {
        Ok(())
    } else {
        Err(Problem::new(Fault::UnknownDigest, shown()))
    }
}
