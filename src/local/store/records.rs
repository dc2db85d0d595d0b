//! What a network keeps, and under which names.
//!
//! | name | what |
//! |---|---|
//! | `form` | the number of this form of the store |
//! | `item/:id` | a data item, after the time at which it came; assignments are among them |
//! | `http/:id` | a signed HTTP message: the time at which it came, an item that says the same, and what was signed |
//! | `module/:id` | a module that the caller brought: its tags in a line of JSON, its bytes |
//! | `process/:id` | that there is such a process |
//! | `entry/:process/:index` | an entry of a schedule, as JSON; this is what makes a message arrive |
//! | `assignment/:process/:index` | the signed assignment to it |
//! | `assigned/:id` | that a message was assigned to a process after it had come |
//! | `result/:process/:index` | what it came to |
//! | `published/:process` | what its first entries have published for plain reads, as JSON; when it was last read |
//! | `snapshot/:process/:count` | the state after so many entries |
//! | `push/:process/:index/:number` | a message that the network has signed for a process, until it is delivered; its place in the cascade |
//! | `pending/:process` | that something of the process may not be settled |
//! | `monitor/:process` | since when its clocks tick |
//!
//! Records begin with a checksum (CRC-32), so that damage is noticed before it is taken for content; those that only exist
//! have no content. Snapshots bring a checksum of their own.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ans104::DataItem;
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::Entry;

/// An item, and when it came.
pub(crate) struct Kept {
    pub item: DataItem,
    pub timestamp: u64,
    /// Whether it is a signed HTTP message, so that its signature is not that of an item.
    pub is_http: bool,
}

pub(crate) fn entry_name(process: &Id, index: usize) -> String {
    format!("entry/{process}/{index:010}")
}

pub(crate) fn assignment_name(process: &Id, index: usize) -> String {
    format!("assignment/{process}/{index:010}")
}

pub(crate) fn assigned_name(message: &Id) -> String {
    format!("assigned/{message}")
}

pub(crate) fn module_name(id: &Id) -> String {
    format!("module/{id}")
}

pub(crate) fn item_name(id: &Id) -> String {
    format!("item/{id}")
}

pub(crate) fn http_name(id: &Id) -> String {
    format!("http/{id}")
}

pub(crate) fn result_name(process: &Id, index: usize) -> String {
    format!("result/{process}/{index:010}")
}

pub(crate) fn snapshot_name(process: &Id, count: usize) -> String {
    format!("snapshot/{process}/{count:010}")
}

pub(crate) fn push_name(process: &Id, index: usize, number: usize) -> String {
    format!("push/{process}/{index:010}/{number:06}")
}

pub(crate) fn published_name(process: &Id) -> String {
    format!("published/{process}")
}

pub(crate) fn pending_name(process: &Id) -> String {
    format!("pending/{process}")
}

pub(crate) fn monitor_name(process: &Id) -> String {
    format!("monitor/{process}")
}

/// The form of the store that this code reads and writes. The first had no number, and another hash chain.
const FORM: &[u8] = b"2";

/// Sees to it that the store has this form. A store that is new gets it.
///
/// # Errors
/// `Storage` for a store of another form: its schedules would be read wrongly.
pub(crate) async fn check_form(platform: &impl Platform) -> Result<()> {
    let refuse = |whose: &str| {
        let message = format!(
            "The network's store was written by {whose} version of aoxide, and has another form. Nothing was changed. Open \
             it with that version, or use another name or folder for a new network"
        );
        Err(Error::new(ErrorKind::Storage, message))
    };
    match platform.get("form").await? {
        Some(form) if form == FORM => Ok(()),
        Some(_) => refuse("a newer"),
        None if platform.names("process/").await?.is_empty() && platform.names("item/").await?.is_empty() => {
            platform.insert("form", FORM).await.map(|_| ())
        }
        None => refuse("an earlier"),
    }
}

/// A record's content.
///
/// # Errors
/// `Storage` when the platform cannot read, and when the record is damaged.
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

/// Keeps a record for good, unless the name is taken. Says whether it was free.
pub(crate) async fn insert(platform: &impl Platform, name: &str, content: &[u8]) -> Result<bool> {
    platform.insert(name, &sealed(content)).await
}

/// Keeps a record in place of another. A crash of the machine may lose it.
pub(crate) async fn put(platform: &impl Platform, name: &str, content: &[u8]) -> Result<()> {
    platform.put(name, &sealed(content)).await
}

fn sealed(content: &[u8]) -> Vec<u8> {
    [&crc32fast::hash(content).to_le_bytes(), content].concat()
}

/// Keeps an item; one that is there already keeps its time.
pub(crate) async fn keep_item(platform: &impl Platform, item: &DataItem, timestamp: u64) -> Result<()> {
    let content = [&timestamp.to_le_bytes(), item.as_bytes()].concat();
    insert(platform, &item_name(&item.id()), &content).await?;
    Ok(())
}

pub(crate) async fn item(platform: &impl Platform, id: &Id) -> Result<Option<Kept>> {
    let name = item_name(id);
    let Some(mut content) = get(platform, &name).await? else {
        return Ok(None);
    };
    let timestamp = match content.first_chunk() {
        Some(first) => u64::from_le_bytes(*first),
        None => return Err(damaged(&name)),
    };
    content.drain(..size_of::<u64>());
    let item = DataItem::parse(content).map_err(|error| damaged(&name).with_source(error))?;
    if item.id() != *id {
        return Err(damaged(&name));
    }
    Ok(Some(Kept {
        item,
        timestamp,
        is_http: false,
    }))
}

/// A message that something else in the store names, so that it must be there: an item, or a signed HTTP message.
pub(crate) async fn named_item(platform: &impl Platform, id: &Id) -> Result<Kept> {
    if let Some(kept) = item(platform, id).await? {
        return Ok(kept);
    }
    let kept = http_message(platform, id).await?;
    kept.map(|(kept, _)| kept).ok_or_else(|| missing(&item_name(id)))
}

/// Keeps a signed HTTP message, and what was signed.
pub(crate) async fn keep_http_message(
    platform: &impl Platform,
    item: &DataItem,
    original: &[u8],
    timestamp: u64,
) -> Result<()> {
    let length = item.as_bytes().len() as u64;
    let content = [
        &timestamp.to_le_bytes(),
        &length.to_le_bytes(),
        item.as_bytes(),
        original,
    ]
    .concat();
    insert(platform, &http_name(&item.id()), &content).await?;
    Ok(())
}

/// A signed HTTP message, and what was signed.
pub(crate) async fn http_message(platform: &impl Platform, id: &Id) -> Result<Option<(Kept, Vec<u8>)>> {
    let name = http_name(id);
    let Some(content) = get(platform, &name).await? else {
        return Ok(None);
    };
    let number = |bytes: &[u8]| bytes.first_chunk().map(|first| u64::from_le_bytes(*first));
    let parts = number(&content)
        .zip(content.get(8..).and_then(number))
        .and_then(|(timestamp, length)| {
            let (raw, original) = content.get(16..)?.split_at_checked(usize::try_from(length).ok()?)?;
            Some((timestamp, raw.to_vec(), original.to_vec()))
        });
    let (timestamp, raw, original) = parts.ok_or_else(|| damaged(&name))?;
    let item = DataItem::parse(raw).map_err(|error| damaged(&name).with_source(error))?;
    if item.id() != *id {
        return Err(damaged(&name));
    }
    let kept = Kept {
        item,
        timestamp,
        is_http: true,
    };
    Ok(Some((kept, original)))
}

pub(crate) async fn assignment(platform: &impl Platform, process: &Id, index: usize) -> Result<Option<DataItem>> {
    let name = assignment_name(process, index);
    let Some(raw) = get(platform, &name).await? else {
        return Ok(None);
    };
    DataItem::parse(raw)
        .map(Some)
        .map_err(|error| damaged(&name).with_source(error))
}

pub(crate) async fn entry(platform: &impl Platform, process: &Id, index: usize) -> Result<Option<Entry>> {
    let name = entry_name(process, index);
    let Some(content) = get(platform, &name).await? else {
        return Ok(None);
    };
    split(&name, &content).map(|(entry, _)| Some(entry))
}

/// JSON in one line, and bytes behind it.
pub(crate) fn join(head: &impl Serialize, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut joined = serde_json::to_vec(head)
        .map_err(|error| Error::new(ErrorKind::Storage, format!("A record cannot be written: {error}")))?;
    joined.push(b'\n');
    joined.extend_from_slice(bytes);
    Ok(joined)
}

pub(crate) fn split<'a, T: DeserializeOwned>(name: &str, bytes: &'a [u8]) -> Result<(T, &'a [u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (head, rest) = bytes.split_at(end.ok_or_else(|| damaged(name))?);
    let head = serde_json::from_slice(head).map_err(|error| damaged(name).with_source(error))?;
    Ok((head, &rest[1..]))
}

/// Of errors about a record that is damaged or missing; one that the platform cannot read now has no such detail.
const RECORD: &str = "record";

pub(crate) fn damaged(name: &str) -> Error {
    let message = format!(
        "The network's store is damaged: {name} cannot be read. Restore it from a copy of the store; what does not need it \
         goes on"
    );
    Error::new(ErrorKind::Storage, message).with_text(RECORD, name)
}

pub(crate) fn missing(name: &str) -> Error {
    let message = format!(
        "The network's store is damaged: {name} is missing. Restore it from a copy of the store; what does not need it goes on"
    );
    Error::new(ErrorKind::Storage, message).with_text(RECORD, name)
}

/// Whether a record is damaged, which will not pass by itself.
pub(crate) fn is_damage(error: &Error) -> bool {
    error.kind() == ErrorKind::Storage && error.details().iter().any(|(name, _)| *name == RECORD)
}
