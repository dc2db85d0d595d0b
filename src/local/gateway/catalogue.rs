//! Index of stored items, for searches.

use std::collections::{BTreeMap, HashSet};

use crate::ans104::Tag;
use crate::arweave::{Id, to_base64url};
use crate::error::Result;
use crate::local::context::NetworkContext;
use crate::local::event::Event;
use crate::local::platform::Platform;
use crate::local::store::found::{self, Found};
use crate::local::store::{names, records};

/// The searchable fields of each item, each transaction, and data that was added. Built on the first search, and updated on each.
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
    pub is_transaction: bool,
    /// Bytes of its data.
    pub size: u64,
    /// The root of a transaction's data.
    pub root: Option<Id>,
}

impl Catalogue {
    /// Reads what has this id again, the next time.
    pub(crate) fn forget(&mut self, id: &Id) {
        self.seen.remove(id);
        self.items.retain(|_, item| item.id != *id);
    }

    /// Adds the items that were stored since the last call. Returns all items, in order of time.
    pub(crate) async fn list<P: Platform>(
        &mut self,
        context: &NetworkContext<P>,
    ) -> Result<impl DoubleEndedIterator<Item = &IndexedItem>> {
        let mut listed = Vec::new();
        for kind in [names::ITEMS, names::TRANSACTIONS, names::ADDED] {
            listed.extend(context.platform.names(kind).await?);
        }
        for name in listed {
            let Some(id) = names::id_in(&name).filter(|id| !self.seen.contains(id)) else {
                continue;
            };
            if let Some(found) = undamaged(context, &id).await? {
                let indexed = IndexedItem::new(id, &found, context.address);
                let key = (indexed.timestamp, id.to_string());
                self.items.insert(key, indexed);
            }
            self.seen.insert(id);
        }
        Ok(self.items.values())
    }
}

impl IndexedItem {
    fn new(id: Id, found: &Found, address: Id) -> Self {
        let transaction = match found {
            Found::Transaction(stored) => Some(&stored.transaction),
            _ => None,
        };
        Self {
            id,
            owner: match found {
                Found::Added(_) => address,
                _ => Id::of(found.owner()),
            },
            recipient: to_base64url(found.target()),
            tags: found.tags().to_vec(),
            timestamp: found.timestamp(),
            is_transaction: transaction.is_some(),
            size: found.size(),
            root: transaction.and_then(|transaction| transaction.root),
        }
    }
}

/// Finds what has an id, for a search. What is damaged is left out, and an event reports it.
pub(crate) async fn undamaged<P: Platform>(context: &NetworkContext<P>, id: &Id) -> Result<Option<Found>> {
    match found::find(&context.platform, id).await {
        Err(error) if records::is_damage(&error) => {
            context.note(Event::new("damaged", *id, *id).with_detail(error.message()));
            Ok(None)
        }
        found => found,
    }
}
