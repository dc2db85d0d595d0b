//! Bundles: many items as the data of one.
//!
//! ```text
//! u256 number of items | for each item: u256 size, id | the items, one behind the other
//! ```
//!
//! Numbers are little-endian. Everything before the items is the [`BundleHeader`]. The items may be large and need not be in
//! memory: most code here needs only the header and the length of the whole.

use std::ops::Range;

use super::head::SHORTEST_ITEM;
use super::{DataItem, Head, Tag};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};

/// Most items that a bundle may have here. Gateways refuse bundles of more.
pub const MAX_BUNDLE_ITEMS: u64 = 2_000_000;

/// Bytes of a number.
const NUMBER: usize = 32;
/// Bytes that the header has for an item: its size and its id.
const ENTRY: usize = 64;

/// A rule of bundles that bytes break. Such bytes are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BundleRule {
    /// The bytes end within the header.
    HeaderCut,
    /// The header names more items than the bytes could hold, or more than [`MAX_BUNDLE_ITEMS`].
    ItemCount,
    /// An item is shorter than the shortest item, or longer than all bytes.
    ItemSize,
    /// The sizes in the header do not sum to the length of the bundle.
    SizeSum,
    /// The id in the header is not the SHA-256 of the item's signature.
    ItemId,
}

impl BundleRule {
    /// The rule's stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::HeaderCut => "HEADER_CUT",
            Self::ItemCount => "ITEM_COUNT",
            Self::ItemSize => "ITEM_SIZE",
            Self::SizeSum => "SIZE_SUM",
            Self::ItemId => "ITEM_ID",
        }
    }

    /// The error of bytes that break the rule: `BadItem`, with the code as `details.rule`.
    fn error(self, what: String) -> Error {
        Error::new(ErrorKind::BadItem, what).with_text("rule", self.code())
    }
}

/// What the header says of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleEntry {
    pub id: Id,
    /// Where the item lies in the bundle.
    pub range: Range<u64>,
}

/// The header of a bundle: the ids of its items, and where they lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleHeader {
    entries: Vec<BundleEntry>,
}

impl BundleHeader {
    /// How many bytes of the bundle are its header, given its first 32 bytes and its length.
    ///
    /// # Errors
    /// `BadItem`, with the rule `HEADER_CUT` or `ITEM_COUNT`.
    pub fn length_within(start: &[u8], total: u64) -> Result<u64> {
        let Some(count) = start.first_chunk::<NUMBER>() else {
            let message = format!("The bundle is cut short: its header needs 32 bytes, and it has {total}");
            return Err(BundleRule::HeaderCut.error(message));
        };
        // Checked before anything is allocated for the items.
        let room = total.saturating_sub(NUMBER as u64) / (ENTRY + SHORTEST_ITEM) as u64;
        match number(count) {
            Some(count) if count <= room.min(MAX_BUNDLE_ITEMS) => Ok(NUMBER as u64 + count * ENTRY as u64),
            count => Err(BundleRule::ItemCount.error(format!(
                "The bundle names {} items, and its {total} bytes hold {} at most",
                count.map_or("more than 2^64".into(), |count| count.to_string()),
                room.min(MAX_BUNDLE_ITEMS)
            ))),
        }
    }

    /// Reads the header of a bundle of `total` bytes. `bytes` are the first of them; those behind the header are ignored.
    ///
    /// # Errors
    /// `BadItem`, with the rule that is broken.
    pub fn parse(bytes: &[u8], total: u64) -> Result<Self> {
        let length = Self::length_within(bytes, total)?;
        let header = usize::try_from(length)
            .ok()
            .and_then(|length| bytes.get(NUMBER..length));
        let Some(header) = header else {
            let message = format!(
                "The bundle is cut short: its header has {length} bytes, and there are {}",
                bytes.len()
            );
            return Err(BundleRule::HeaderCut.error(message));
        };
        let mut at = length;
        let mut entries = Vec::with_capacity(header.len() / ENTRY);
        for [size, id] in header.as_chunks().0.as_chunks().0 {
            let index = entries.len();
            let size = number(size).filter(|size| *size >= SHORTEST_ITEM as u64 && *size <= total);
            let size = size.ok_or_else(|| {
                BundleRule::ItemSize.error(format!(
                    "Item {index} of the bundle has a size that no item in {total} bytes can have"
                ))
            })?;
            // Below 2^64: the number of items and each size are bounded by the length of the bundle.
            let end = at.saturating_add(size);
            entries.push(BundleEntry {
                id: Id::from_bytes(*id),
                range: at..end,
            });
            at = end;
        }
        if at != total {
            return Err(BundleRule::SizeSum.error(format!(
                "The header and the items of the bundle should have {at} bytes, and the bundle has {total}"
            )));
        }
        Ok(Self { entries })
    }

    /// Makes the header for items with these ids and sizes.
    ///
    /// # Errors
    /// `BadItem` for more than [`MAX_BUNDLE_ITEMS`], and for a size that no item has.
    pub fn new(items: impl ExactSizeIterator<Item = (Id, u64)>) -> Result<Self> {
        let count = items.len() as u64;
        if count > MAX_BUNDLE_ITEMS {
            let message = format!("A bundle has {MAX_BUNDLE_ITEMS} items at most, and these are {count}");
            return Err(BundleRule::ItemCount.error(message));
        }
        let mut at = NUMBER as u64 + count * ENTRY as u64;
        let mut entries = Vec::with_capacity(items.len());
        for (id, size) in items {
            let end = at.checked_add(size).filter(|_| size >= SHORTEST_ITEM as u64);
            let end = end.ok_or_else(|| BundleRule::ItemSize.error(format!("No item has {size} bytes")))?;
            entries.push(BundleEntry { id, range: at..end });
            at = end;
        }
        Ok(Self { entries })
    }

    pub fn entries(&self) -> &[BundleEntry] {
        &self.entries
    }

    /// The header's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(NUMBER + self.entries.len() * ENTRY);
        push_number(&mut bytes, self.entries.len() as u64);
        for BundleEntry { id, range } in &self.entries {
            push_number(&mut bytes, range.end - range.start);
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes
    }

    /// Checks that the header names the item that lies at this place.
    ///
    /// # Errors
    /// `BadItem`, with the rule `ITEM_ID`.
    pub fn check_item(&self, index: usize, head: &Head) -> Result<()> {
        Self::check_id(index, self.entries.get(index).map(|entry| entry.id), head)
    }

    /// The same for a header that names `named` there.
    ///
    /// # Errors
    /// `BadItem`, with the rule `ITEM_ID`.
    pub fn check_id(index: usize, named: Option<Id>, head: &Head) -> Result<()> {
        let found = head.id();
        if named == Some(found) {
            return Ok(());
        }
        let named = named.map_or("no item".into(), |id| id.to_string());
        Err(BundleRule::ItemId.error(format!(
            "The header of the bundle names {named} as item {index}, and the item there is {found}"
        )))
    }
}

/// A bundle in memory.
#[derive(Debug, Clone)]
pub struct Bundle {
    header: BundleHeader,
    raw: Vec<u8>,
}

impl Bundle {
    /// Reads a bundle. Does not look at its items.
    ///
    /// # Errors
    /// As [`BundleHeader::parse`].
    pub fn parse(raw: Vec<u8>) -> Result<Self> {
        let header = BundleHeader::parse(&raw, raw.len() as u64)?;
        Ok(Self { header, raw })
    }

    /// Makes the bundle of signed items. Their signatures are not verified.
    ///
    /// # Errors
    /// As [`BundleHeader::new`].
    pub fn of(items: &[DataItem]) -> Result<Self> {
        let header = BundleHeader::new(items.iter().map(|item| (item.id(), item.as_bytes().len() as u64)))?;
        let mut raw = header.to_bytes();
        for item in items {
            raw.extend_from_slice(item.as_bytes());
        }
        Ok(Self { header, raw })
    }

    /// The tags of an item whose data is a bundle.
    pub fn tags() -> [Tag; 2] {
        [Tag::new("Bundle-Format", "binary"), Tag::new("Bundle-Version", "2.0.0")]
    }

    /// Whether an item with these tags has a bundle as its data.
    pub fn is_announced_by(tags: &[Tag]) -> bool {
        Self::tags().iter().all(|tag| tags.contains(tag))
    }

    pub fn header(&self) -> &BundleHeader {
        &self.header
    }

    /// The item at this place. `None` behind the last.
    ///
    /// # Errors
    /// `BadItem`, with the rule `ITEM_ID` where the header names another item; `Unsupported`.
    pub fn item(&self, index: usize) -> Result<Option<DataItem>> {
        let Some(BundleEntry { range, .. }) = self.header.entries.get(index) else {
            return Ok(None);
        };
        // The sizes sum to the length, which is that of bytes in memory.
        let item = DataItem::parse(self.raw[range.start as usize..range.end as usize].to_vec())?;
        self.header.check_item(index, item.head())?;
        Ok(Some(item))
    }

    /// The first item with this id.
    ///
    /// # Errors
    /// As [`Self::item`].
    pub fn get(&self, id: Id) -> Result<Option<DataItem>> {
        match self.header.entries.iter().position(|entry| entry.id == id) {
            Some(index) => self.item(index),
            None => Ok(None),
        }
    }

    /// The bundle's bytes: the data of its carrier.
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }
}

/// A number of 256 bits, if it has no more than 64.
fn number(bytes: &[u8; NUMBER]) -> Option<u64> {
    // As few comparisons as possible: bundles have thousands of numbers, and artefacts are compiled for size.
    let [low, high] = bytes.as_chunks().0 else { return None };
    let high = u128::from_le_bytes(*high);
    u64::try_from(u128::from_le_bytes(*low)).ok().filter(|_| high == 0)
}

fn push_number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&[0; NUMBER - 8]);
}
