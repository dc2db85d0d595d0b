//! Reads and writes records. A record begins with a checksum (CRC-32), so that damage is not taken for content.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::names;
use crate::ans104::SignatureType;
use crate::error::{Error, ErrorKind, Result};
use crate::local::platform::Platform;
use crate::platform::Storage;

/// The version of the store's form that this code reads and writes. Version 1 had no number, and another hash chain.
const FORM: &[u8] = b"2";
const FORM_NAME: &str = "form";

/// Holds the type of the key with which the network began.
const KEY_NAME: &str = "key";
const ED25519: &[u8] = b"ed25519";
const RSA: &[u8] = b"rsa";

/// The type of the key with which the network of a store began: `None` for a new store.
///
/// # Errors
/// `Storage` when the platform cannot read.
pub async fn key_type(storage: &impl Storage) -> Result<Option<SignatureType>> {
    if storage.get(FORM_NAME).await?.is_none() {
        return Ok(None);
    }
    // Stores without this record are older than it. At that time every network had an RSA key.
    let is_ed25519 = storage.get(KEY_NAME).await?.as_deref() == Some(ED25519);
    Ok(Some(match is_ed25519 {
        true => SignatureType::Ed25519,
        false => SignatureType::Arweave,
    }))
}

/// Checks that the store has this form. A new store is marked with it, and with the type of the network's key.
///
/// # Errors
/// `Storage` for a store of another form, whose schedules would be misread.
pub(crate) async fn check_form(platform: &impl Platform, key_type: SignatureType) -> Result<()> {
    let refuse = |whose: &str| {
        let message = format!(
            "The network's store was written by {whose} version of aoxide, and has another form. Nothing was changed. Open \
             it with that version, or use another name or folder for a new network"
        );
        Err(Error::new(ErrorKind::Storage, message))
    };
    match platform.get(FORM_NAME).await? {
        Some(form) if form == FORM => Ok(()),
        Some(_) => refuse("a newer"),
        None if platform.names(names::PROCESSES).await?.is_empty()
            && platform.names(names::ITEMS).await?.is_empty() =>
        {
            // First: a store that has its form has its type of key.
            let is_ed25519 = key_type == SignatureType::Ed25519;
            platform.put(KEY_NAME, if is_ed25519 { ED25519 } else { RSA }).await?;
            platform.insert(FORM_NAME, FORM).await.map(|_| ())
        }
        None => refuse("an earlier"),
    }
}

/// Reads a record's content.
///
/// # Errors
/// `Storage` when the platform cannot read, or the record is damaged.
pub(crate) async fn get(platform: &impl Platform, name: &str) -> Result<Option<Vec<u8>>> {
    let Some(mut record) = platform.get(name).await? else {
        return Ok(None);
    };
    let Some((sum, content)) = record.split_first_chunk() else {
        return Err(damaged(name));
    };
    if u32::from_le_bytes(*sum) != crc32fast::hash(content) {
        return Err(damaged(name));
    }
    record.drain(..size_of::<u32>());
    Ok(Some(record))
}

/// Writes a record unless the name is taken. Returns whether the name was free. The record survives a crash of the machine.
pub(crate) async fn insert(platform: &impl Platform, name: &str, content: &[u8]) -> Result<bool> {
    platform.insert(name, &with_checksum(content)).await
}

/// Writes or replaces a record. A crash of the machine may lose it.
pub(crate) async fn put(platform: &impl Platform, name: &str, content: &[u8]) -> Result<()> {
    platform.put(name, &with_checksum(content)).await
}

fn with_checksum(content: &[u8]) -> Vec<u8> {
    [&crc32fast::hash(content).to_le_bytes(), content].concat()
}

/// Joins a head in JSON and bytes: the head, a line feed, the bytes.
pub(crate) fn encode(head: &impl Serialize, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut content = serde_json::to_vec(head)
        .map_err(|error| Error::new(ErrorKind::Storage, format!("A record cannot be written: {error}")))?;
    content.push(b'\n');
    content.extend_from_slice(bytes);
    Ok(content)
}

/// Splits what [`encode`] joined.
pub(crate) fn decode<'a, T: DeserializeOwned>(name: &str, content: &'a [u8]) -> Result<(T, &'a [u8])> {
    let end = content.iter().position(|byte| *byte == b'\n');
    let (head, rest) = content.split_at(end.ok_or_else(|| damaged(name))?);
    let head = serde_json::from_slice(head).map_err(|error| damaged(name).with_source(error))?;
    Ok((head, &rest[1..]))
}

/// Detail of errors about one record. An error of the platform, which may pass, does not have it.
const RECORD: &str = "record";

pub(crate) fn damaged(name: &str) -> Error {
    let message = format!(
        "The network's store is damaged: {name} cannot be read. Restore it from a copy of the store. Everything that does \
         not need this record still works"
    );
    Error::new(ErrorKind::Storage, message).with_text(RECORD, name)
}

pub(crate) fn missing(name: &str) -> Error {
    let message = format!(
        "The network's store is damaged: {name} is missing. Restore it from a copy of the store. Everything that does not \
         need this record still works"
    );
    Error::new(ErrorKind::Storage, message).with_text(RECORD, name)
}

/// The error for something that the code has just stored or checked and that is not there. `what` has its article.
pub(crate) fn missing_record(what: &str) -> Error {
    Error::new(ErrorKind::Storage, format!("The network's store lacks {what}"))
}

/// Whether an error says that a record is damaged or missing. A retry cannot help then.
pub(crate) fn is_damage(error: &Error) -> bool {
    error.kind() == ErrorKind::Storage && error.details().iter().any(|(name, _)| *name == RECORD)
}
