//! Index of stored items, for searches.

use std::collections::{BTreeMap, HashSet};

use crate::ans104::Tag;
use crate::arweave::{Id, to_base64url};
use crate::error::Result;
use crate::local::context::NetworkContext;
use crate::local::event::Event;
use crate::local::platform::Platform;
use crate::local::store::items::{self, StoredItem};
use crate::local::store::{names, records};

/// The searchable fields of each stored item. Built on the first search, and updated on each.
#[derive(Default)]
pub(crate) struct Catalogue {
    /// Items that have been read, including damaged ones.
    seen: HashSet<Id>,
    /// By time, then by id.
    items: BTreeMap<(u64, String), IndexedItem>,
}

/// The searchable fields of an item.
pub(crate) struct IndexedItem {
    pub id: Id,
    pub owner: Id,
    pub recipient: String,
    pub tags: Vec<Tag>,
    pub timestamp: u64,
}

impl Catalogue {
    /// Adds the items that were stored since the last call. Returns all items, in order of time.
    pub(crate) async fn list<P: Platform>(
        &mut self,
        context: &NetworkContext<P>,
    ) -> Result<impl DoubleEndedIterator<Item = &IndexedItem>> {
        for name in context.platform.names(names::ITEMS).await? {
            let Some(id) = names::id_in(&name).filter(|id| !self.seen.contains(id)) else {
                continue;
            };
            if let Some(stored) = undamaged_item(context, &id).await? {
                let indexed = IndexedItem::new(&stored);
                let key = (indexed.timestamp, id.to_string());
                self.items.insert(key, indexed);
            }
            self.seen.insert(id);
        }
        Ok(self.items.values())
    }
}

impl IndexedItem {
    fn new(stored: &StoredItem) -> Self {
        let head = stored.item.head();
        Self {
            id: stored.item.id(),
            owner: Id::of(head.owner()),
            recipient: to_base64url(head.target()),
            tags: head.tags().to_vec(),
            timestamp: stored.timestamp,
        }
    }
}

/// Reads an item for a search. A damaged item is left out, and an event reports it.
pub(crate) async fn undamaged_item<P: Platform>(context: &NetworkContext<P>, id: &Id) -> Result<Option<StoredItem>> {
    match items::get(&context.platform, id).await {
        Err(error) if records::is_damage(&error) => {
            context.note(Event::new("damaged", *id, *id).with_detail(error.message()));
            Ok(None)
        }
        stored => stored,
    }
}
