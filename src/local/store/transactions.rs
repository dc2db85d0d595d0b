//! Stored transactions of the base layer, the chunks of their data, and data that the caller added under an id.

use serde_json::Value;

use super::{names, records};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::base_layer::Transaction;
use crate::error::Result;
use crate::local::platform::Platform;
use crate::protocol::TextTag;

/// A transaction from the store.
pub(crate) struct StoredTransaction {
    pub transaction: Transaction,
    /// When it arrived, in milliseconds since 1970.
    pub timestamp: u64,
    /// Where its data begins in the weave.
    pub start: u64,
}

/// A chunk from the store: its data, and the path that proves its place.
pub(crate) struct StoredChunk {
    pub path: Vec<u8>,
    pub data: Vec<u8>,
}

/// Data that the caller added under an id.
pub(crate) struct AddedData {
    pub tags: Vec<Tag>,
    pub data: Vec<u8>,
    pub timestamp: u64,
}

/// Stores a transaction, and reserves a place in the weave for its data.
pub(crate) async fn insert(platform: &impl Platform, transaction: &Transaction, timestamp: u64) -> Result<()> {
    let start = loop {
        let start = weave_size(platform).await?;
        let place = [&transaction.size.to_le_bytes(), &transaction.id.as_bytes()[..]].concat();
        // Another page that uses the same store may have taken the place. Transactions without data take none.
        if transaction.size == 0 || records::insert(platform, &names::weave(start), &place).await? {
            break start;
        }
    };
    let json = Value::Object(transaction.json()).to_string();
    let record = [&timestamp.to_le_bytes(), &start.to_le_bytes(), json.as_bytes()].concat();
    records::insert(platform, &names::transaction(&transaction.id), &record).await?;
    Ok(())
}

pub(crate) async fn get(platform: &impl Platform, id: &Id) -> Result<Option<StoredTransaction>> {
    let name = names::transaction(id);
    let Some(record) = records::get(platform, &name).await? else {
        return Ok(None);
    };
    let number = |at: usize| record.get(at..)?.first_chunk().map(|first| u64::from_le_bytes(*first));
    let (Some(timestamp), Some(start)) = (number(0), number(8)) else {
        return Err(records::damaged(&name));
    };
    let json: Value = serde_json::from_slice(&record[16..]).map_err(|_| records::damaged(&name))?;
    let transaction = Transaction::read(&json).map_err(|error| records::damaged(&name).with_source(error))?;
    Ok(Some(StoredTransaction {
        transaction,
        timestamp,
        start,
    }))
}

/// The number of bytes in the weave.
pub(crate) async fn weave_size(platform: &impl Platform) -> Result<u64> {
    let names = platform.names(names::WEAVE).await?;
    match names.last().and_then(|name| Some((name, number_in(name)?))) {
        Some((name, start)) => Ok(start + weave_place(platform, name).await?.0),
        None => Ok(0),
    }
}

/// The size of the data at a place in the weave, and its transaction.
async fn weave_place(platform: &impl Platform, name: &str) -> Result<(u64, Id)> {
    let place = records::get(platform, name).await?.unwrap_or_default();
    let place = place
        .split_first_chunk()
        .and_then(|(size, id)| Some((u64::from_le_bytes(*size), Id::from_bytes(id.try_into().ok()?))));
    place.ok_or_else(|| records::damaged(name))
}

/// The transaction whose data has the byte at an offset in the weave, and the offset within its data.
pub(crate) async fn at_offset(platform: &impl Platform, offset: u64) -> Result<Option<(Id, u64)>> {
    let names = platform.names(names::WEAVE).await?;
    let before = names.iter().filter_map(|name| Some((name, number_in(name)?)));
    let Some((name, start)) = before.take_while(|(_, start)| *start <= offset).last() else {
        return Ok(None);
    };
    let (size, id) = weave_place(platform, name).await?;
    Ok((offset - start < size).then_some((id, offset - start)))
}

/// Stores a chunk whose place was proven.
pub(crate) async fn insert_chunk(
    platform: &impl Platform,
    root: &Id,
    (start, end): (u64, u64),
    path: &[u8],
    data: &[u8],
) -> Result<()> {
    let length = path.len() as u64;
    let record = [&length.to_le_bytes(), path, data].concat();
    records::insert(platform, &names::chunk(root, start, end), &record).await?;
    Ok(())
}

/// The names of the stored chunks of data, and where each begins and ends, in order.
async fn chunks(platform: &impl Platform, root: &Id) -> Result<Vec<(String, u64, u64)>> {
    let names = platform.names(&names::chunks(root)).await?;
    let placed = names.into_iter().filter_map(|name| {
        let (start, end) = name.rsplit('/').next()?.split_once('-')?;
        let (start, end) = (start.parse().ok()?, end.parse().ok()?);
        Some((name, start, end))
    });
    let mut placed: Vec<_> = placed.collect();
    placed.sort_by_key(|(_, start, _)| *start);
    Ok(placed)
}

/// The chunk of data that has this offset, if it was uploaded.
pub(crate) async fn chunk(platform: &impl Platform, root: &Id, offset: u64) -> Result<Option<StoredChunk>> {
    let chunks = chunks(platform, root).await?;
    match chunks
        .into_iter()
        .find(|(_, start, end)| (*start..*end).contains(&offset))
    {
        Some((name, ..)) => read_chunk(platform, &name).await.map(Some),
        None => Ok(None),
    }
}

async fn read_chunk(platform: &impl Platform, name: &str) -> Result<StoredChunk> {
    let record = records::get(platform, name)
        .await?
        .ok_or_else(|| records::missing(name))?;
    let parts = record.split_first_chunk().and_then(|(length, rest)| {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        rest.split_at_checked(length)
    });
    let (path, data) = parts.ok_or_else(|| records::damaged(name))?;
    Ok(StoredChunk {
        path: path.into(),
        data: data.into(),
    })
}

/// The data of a transaction; `None` while chunks of it are missing.
pub(crate) async fn data(platform: &impl Platform, transaction: &Transaction) -> Result<Option<Vec<u8>>> {
    let mut data = Vec::new();
    if let Some(root) = &transaction.root {
        for (name, start, _) in chunks(platform, root).await? {
            if start != data.len() as u64 {
                break;
            }
            data.extend(read_chunk(platform, &name).await?.data);
        }
    }
    Ok((data.len() as u64 == transaction.size).then_some(data))
}

/// Stores data under an id. Replaces what was added under it before.
pub(crate) async fn put_added(
    platform: &impl Platform,
    id: &Id,
    tags: &[TextTag],
    data: &[u8],
    timestamp: u64,
) -> Result<()> {
    let record = records::encode(&(timestamp, tags), data)?;
    records::put(platform, &names::added(id), &record).await
}

pub(crate) async fn get_added(platform: &impl Platform, id: &Id) -> Result<Option<AddedData>> {
    let name = names::added(id);
    let Some(record) = records::get(platform, &name).await? else {
        return Ok(None);
    };
    let ((timestamp, tags), data) = records::decode::<(u64, Vec<TextTag>)>(&name, &record)?;
    let tags = tags.into_iter().map(|tag| Tag::new(tag.name, tag.value));
    Ok(Some(AddedData {
        tags: tags.collect(),
        data: data.into(),
        timestamp,
    }))
}

fn number_in(name: &str) -> Option<u64> {
    name.rsplit('/').next()?.parse().ok()
}
