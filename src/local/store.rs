//! What a network keeps, and under which names.
//!
//! | name | what |
//! |---|---|
//! | `item/:id` | a data item, after the time at which it came |
//! | `module/:id` | a module that the caller brought: its tags in a line of JSON, its bytes |
//! | `process/:id` | that there is such a process |
//! | `entry/:process/:index` | an entry of a schedule, as JSON; this is what makes a message arrive |
//! | `assignment/:process/:index` | the assignment to it, once somebody has asked for that |
//! | `assigned/:process/:id` | the index of the entry that has this assignment |
//! | `result/:process/:index` | what it came to |
//! | `patches/:process` | what it has published for plain reads, as JSON |
//! | `snapshot/:process/:count` | the state after so many entries |
//! | `push/:process/:index/:number` | a message that the network has signed for a process, until it is delivered; its place in the cascade |
//! | `pending/:process` | that something of the process may not be settled |
//! | `monitor/:process` | since when its clocks tick |

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::host::Surroundings;
use super::schedule::Entry;
use crate::ans104::DataItem;
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};

/// An item, and when it came.
pub(super) struct Kept {
    pub item: DataItem,
    pub timestamp: u64,
}

pub(super) fn entry_name(process: &Id, index: usize) -> String {
    format!("entry/{process}/{index:010}")
}

pub(super) fn assignment_name(process: &Id, index: usize) -> String {
    format!("assignment/{process}/{index:010}")
}

pub(super) fn assigned_name(process: &Id, assignment: &Id) -> String {
    format!("assigned/{process}/{assignment}")
}

pub(super) fn result_name(process: &Id, index: usize) -> String {
    format!("result/{process}/{index:010}")
}

pub(super) fn snapshot_name(process: &Id, count: usize) -> String {
    format!("snapshot/{process}/{count:010}")
}

pub(super) fn push_name(process: &Id, index: usize, number: usize) -> String {
    format!("push/{process}/{index:010}/{number:06}")
}

pub(super) fn patches_name(process: &Id) -> String {
    format!("patches/{process}")
}

pub(super) fn pending_name(process: &Id) -> String {
    format!("pending/{process}")
}

pub(super) fn monitor_name(process: &Id) -> String {
    format!("monitor/{process}")
}

/// Keeps an item; one that is there already keeps its time.
pub(super) async fn keep_item(host: &impl Surroundings, item: &DataItem, timestamp: u64) -> Result<()> {
    let bytes = [&timestamp.to_le_bytes(), item.as_bytes()].concat();
    host.insert(&format!("item/{}", item.id()), &bytes).await?;
    Ok(())
}

pub(super) async fn item(host: &impl Surroundings, id: &Id) -> Result<Option<Kept>> {
    let name = format!("item/{id}");
    let Some(mut bytes) = host.get(&name).await? else {
        return Ok(None);
    };
    let timestamp = match bytes.first_chunk() {
        Some(first) => u64::from_le_bytes(*first),
        None => return Err(damaged(&name)),
    };
    bytes.drain(..size_of::<u64>());
    let item = DataItem::parse(bytes).map_err(|error| damaged(&name).with_source(error))?;
    Ok(Some(Kept { item, timestamp }))
}

pub(super) async fn entry(host: &impl Surroundings, process: &Id, index: usize) -> Result<Option<Entry>> {
    let name = entry_name(process, index);
    let Some(bytes) = host.get(&name).await? else {
        return Ok(None);
    };
    split(&name, &bytes).map(|(entry, _)| Some(entry))
}

/// JSON in one line, and bytes behind it.
pub(super) fn join(head: &impl Serialize, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut joined = serde_json::to_vec(head)
        .map_err(|error| Error::new(ErrorKind::Storage, format!("A record cannot be written: {error}")))?;
    joined.push(b'\n');
    joined.extend_from_slice(bytes);
    Ok(joined)
}

pub(super) fn split<'a, T: DeserializeOwned>(name: &str, bytes: &'a [u8]) -> Result<(T, &'a [u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (head, rest) = bytes.split_at(end.ok_or_else(|| damaged(name))?);
    let head = serde_json::from_slice(head).map_err(|error| damaged(name).with_source(error))?;
    Ok((head, &rest[1..]))
}

pub(super) fn damaged(name: &str) -> Error {
    let message = format!("The network's store is damaged: {name} cannot be read");
    Error::new(ErrorKind::Storage, message)
}
