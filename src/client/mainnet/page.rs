//! Pages of results. The cursor of a result is its slot.

use crate::client::Sort;

/// Results of a page without a limit.
const PAGE: usize = 25;

/// Which results a page has. The default is the newest one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The page starts behind this slot.
    pub from: Option<u64>,
    /// The page ends before this slot.
    pub to: Option<u64>,
    /// Most results. Default: 25, or 1 without `from` and `to`.
    pub limit: Option<usize>,
    /// Default: the oldest first with `from`, and the newest first without.
    pub sort: Option<Sort>,
}

impl Page {
    /// The slots of the page, in its order. `newest` is the newest slot of the process.
    pub fn slots(&self, newest: u64) -> Vec<u64> {
        let is_open = self.from.is_none() && self.to.is_none();
        let limit = self.limit.unwrap_or(if is_open { 1 } else { PAGE });
        let all = newest.saturating_add(1);
        let behind = |slot: u64| slot.saturating_add(1);
        let usual = if self.from.is_none() {
            Sort::Descending
        } else {
            Sort::Ascending
        };
        match self.sort.unwrap_or(usual) {
            Sort::Ascending => {
                let slots = self.from.map_or(0, behind)..self.to.map_or(all, |to| to.min(all));
                slots.take(limit).collect()
            }
            Sort::Descending => {
                let slots = self.to.map_or(0, behind)..self.from.map_or(all, |from| from.min(all));
                slots.rev().take(limit).collect()
            }
        }
    }
}
