//! A view as one record of bytes.
//!
//! The form: eight bytes of a name with a version, SHA-256 of the rest, the lengths of two parts (four bytes, eight bytes), a
//! head in JSON, the dedupe set, and the snapshot of the process. The hash finds damage. It does not
//! protect against a writer of the record, who can hash it anew.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::dedupe::Dedupe;
use super::position::ReplayState;
use super::proof::{Anchor, Trusted, Unverifiable};
use super::text_id;
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};

const NAME: &[u8; 8] = b"aoview01";
const HASH: usize = 32;

/// What a record says beside the process's memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    #[serde(with = "text_id")]
    pub process: Id,
    /// Rises with each record of a process in a store.
    pub generation: u64,
    pub state: ReplayState,
    pub anchor: Anchor,
    pub trusted: BTreeSet<Trusted>,
    pub unverifiable: BTreeSet<Unverifiable>,
}

/// Writes a record.
pub(super) fn write(head: &Head, dedupe: &Dedupe, snapshot: &[u8]) -> Result<Vec<u8>> {
    let head = serde_json::to_vec(head)
        .map_err(|error| Error::new(ErrorKind::Storage, format!("A view cannot be written: {error}")))?;
    let dedupe = dedupe.to_bytes();
    let length = u32::try_from(head.len()).unwrap_or(u32::MAX);
    let rest = [
        &length.to_le_bytes()[..],
        &(dedupe.len() as u64).to_le_bytes(),
        &head,
        &dedupe,
        snapshot,
    ]
    .concat();
    Ok([&NAME[..], &Sha256::digest(&rest)[..], &rest].concat())
}

/// Reads a record. Returns the head and the snapshot.
///
/// # Errors
/// `ViewDamaged`.
pub(super) fn read(record: &[u8]) -> Result<(Head, &[u8])> {
    parse(record).ok_or_else(|| {
        let message = "The kept view is damaged, or was written by another version. Delete it, and start again";
        Error::new(ErrorKind::ViewDamaged, message)
    })
}

fn parse(record: &[u8]) -> Option<(Head, &[u8])> {
    let rest = record.strip_prefix(NAME)?;
    let (hash, rest) = rest.split_first_chunk::<HASH>()?;
    if Sha256::digest(rest)[..] != hash[..] {
        return None;
    }
    let (head_length, rest) = rest.split_first_chunk()?;
    let (dedupe_length, rest) = rest.split_first_chunk()?;
    let (head, rest) = rest.split_at_checked(u32::from_le_bytes(*head_length) as usize)?;
    let dedupe_length = usize::try_from(u64::from_le_bytes(*dedupe_length)).ok()?;
    let (dedupe, snapshot) = rest.split_at_checked(dedupe_length)?;
    let mut head: Head = serde_json::from_slice(head).ok()?;
    head.state.dedupe = Dedupe::from_bytes(dedupe)?;
    Some((head, snapshot))
}

/// The error for a record that is whole, and is not that of this process or module.
pub(super) fn damaged(process: &Id, what: &str) -> Error {
    let message = format!("The kept view of the process {process} cannot be used: {what}. Delete it, and start again");
    Error::new(ErrorKind::ViewDamaged, message)
}
