//! Stored data items, signed HTTP messages and assignments.

use super::{names, records};
use crate::ans104::DataItem;
use crate::arweave::Id;
use crate::error::Result;
use crate::local::platform::Platform;

/// An item from the store.
pub(crate) struct StoredItem {
    pub item: DataItem,
    /// When it arrived, in milliseconds since 1970.
    pub timestamp: u64,
    /// Whether it arrived as a signed HTTP message. Its signature is then not that of a data item.
    pub is_http: bool,
}

/// Stores an item. An item that is already stored keeps its time. Returns whether it was not stored before.
pub(crate) async fn insert(platform: &impl Platform, item: &DataItem, timestamp: u64) -> Result<bool> {
    let content = [&timestamp.to_le_bytes(), item.as_bytes()].concat();
    records::insert(platform, &names::item(&item.id()), &content).await
}

pub(crate) async fn get(platform: &impl Platform, id: &Id) -> Result<Option<StoredItem>> {
    let name = names::item(id);
    let Some(mut content) = records::get(platform, &name).await? else {
        return Ok(None);
    };
    let timestamp = match content.first_chunk() {
        Some(first) => u64::from_le_bytes(*first),
        None => return Err(records::damaged(&name)),
    };
    content.drain(..size_of::<u64>());
    let item = parse(&name, content, Some(id))?;
    Ok(Some(StoredItem {
        item,
        timestamp,
        is_http: false,
    }))
}

/// Reads an item or a signed HTTP message that another record refers to.
///
/// # Errors
/// `Storage` when it is damaged or missing.
pub(crate) async fn require(platform: &impl Platform, id: &Id) -> Result<StoredItem> {
    if let Some(stored) = get(platform, id).await? {
        return Ok(stored);
    }
    let stored = get_http_message(platform, id).await?;
    stored
        .map(|(stored, _)| stored)
        .ok_or_else(|| records::missing(&names::item(id)))
}

/// Stores a signed HTTP message: the item that is made from it, and the signed headers and body.
pub(crate) async fn insert_http_message(
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
    records::insert(platform, &names::http_message(&item.id()), &content).await?;
    Ok(())
}

/// Reads a signed HTTP message: the item that was made from it, and the signed headers and body.
pub(crate) async fn get_http_message(platform: &impl Platform, id: &Id) -> Result<Option<(StoredItem, Vec<u8>)>> {
    let name = names::http_message(id);
    let Some(content) = records::get(platform, &name).await? else {
        return Ok(None);
    };
    let number = |bytes: &[u8]| bytes.first_chunk().map(|first| u64::from_le_bytes(*first));
    let parts = number(&content)
        .zip(content.get(8..).and_then(number))
        .and_then(|(timestamp, length)| {
            let (raw, original) = content.get(16..)?.split_at_checked(usize::try_from(length).ok()?)?;
            Some((timestamp, raw.to_vec(), original.to_vec()))
        });
    let (timestamp, raw, original) = parts.ok_or_else(|| records::damaged(&name))?;
    let stored = StoredItem {
        item: parse(&name, raw, Some(id))?,
        timestamp,
        is_http: true,
    };
    Ok(Some((stored, original)))
}

/// Reads the assignment to an entry, if it has been signed.
pub(crate) async fn get_assignment(platform: &impl Platform, process: &Id, index: usize) -> Result<Option<DataItem>> {
    let name = names::assignment(process, index);
    match records::get(platform, &name).await? {
        Some(raw) => parse(&name, raw, None).map(Some),
        None => Ok(None),
    }
}

/// Parses a record's item, which must have this id if one is given.
pub(crate) fn parse(name: &str, raw: Vec<u8>, id: Option<&Id>) -> Result<DataItem> {
    let item = DataItem::parse(raw).map_err(|error| records::damaged(name).with_source(error))?;
    match id.is_none_or(|id| item.id() == *id) {
        true => Ok(item),
        false => Err(records::damaged(name)),
    }
}
