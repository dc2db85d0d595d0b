//! Finds what has an id: a data item, a transaction of the base layer, or data that the caller added.

use super::items::{self, StoredItem};
use super::transactions::{self, AddedData, StoredTransaction};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::error::Result;
use crate::local::platform::Platform;

pub(crate) enum Found {
    Item(StoredItem),
    Transaction(StoredTransaction),
    Added(AddedData),
}

/// Finds what has this id. Modules that were added as bytes and signed HTTP messages are not found.
pub(crate) async fn find(platform: &impl Platform, id: &Id) -> Result<Option<Found>> {
    if let Some(stored) = items::get(platform, id).await? {
        return Ok(Some(Found::Item(stored)));
    }
    if let Some(stored) = transactions::get(platform, id).await? {
        return Ok(Some(Found::Transaction(stored)));
    }
    Ok(transactions::get_added(platform, id).await?.map(Found::Added))
}

impl Found {
    pub(crate) fn tags(&self) -> &[Tag] {
        match self {
            Self::Item(stored) => stored.item.head().tags(),
            Self::Transaction(stored) => &stored.transaction.tags,
            Self::Added(added) => &added.tags,
        }
    }

    /// The key of the owner. Empty for data that was added.
    pub(crate) fn owner(&self) -> &[u8] {
        match self {
            Self::Item(stored) => stored.item.head().owner(),
            Self::Transaction(stored) => &stored.transaction.owner,
            Self::Added(_) => &[],
        }
    }

    pub(crate) fn signature(&self) -> &[u8] {
        match self {
            Self::Item(stored) => stored.item.head().signature(),
            Self::Transaction(stored) => &stored.transaction.signature,
            Self::Added(_) => &[],
        }
    }

    pub(crate) fn target(&self) -> &[u8] {
        match self {
            Self::Item(stored) => stored.item.head().target(),
            Self::Transaction(stored) => &stored.transaction.target,
            Self::Added(_) => &[],
        }
    }

    /// When it arrived, in milliseconds since 1970.
    pub(crate) fn timestamp(&self) -> u64 {
        match self {
            Self::Item(stored) => stored.timestamp,
            Self::Transaction(stored) => stored.timestamp,
            Self::Added(added) => added.timestamp,
        }
    }

    /// Bytes of its data.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Item(stored) => stored.item.data().len() as u64,
            Self::Transaction(stored) => stored.transaction.size,
            Self::Added(added) => added.data.len() as u64,
        }
    }

    /// Its data; `None` for a transaction while chunks of it are missing.
    pub(crate) async fn data(&self, platform: &impl Platform) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Item(stored) => Ok(Some(stored.item.data().into())),
            Self::Transaction(stored) => transactions::data(platform, &stored.transaction).await,
            Self::Added(added) => Ok(Some(added.data.clone())),
        }
    }
}
