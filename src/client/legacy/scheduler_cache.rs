//! Cache of the addresses of schedulers.

use std::cell::RefCell;

/// Maximum number of cached addresses.
const CACHED: usize = 100;

/// Addresses of schedulers by process. The newest entry is the last.
#[derive(Default)]
pub struct SchedulerCache(RefCell<Vec<Known>>);

struct Known {
    process: String,
    url: String,
    until: u64,
}

impl SchedulerCache {
    pub(super) fn get(&self, process: &str, now: u64) -> Option<String> {
        let mut known = self.0.borrow_mut();
        known.retain(|entry| entry.until > now);
        known
            .iter()
            .find(|entry| entry.process == process)
            .map(|entry| entry.url.clone())
    }

    pub(super) fn put(&self, process: &str, url: &str, until: u64) {
        let mut known = self.0.borrow_mut();
        known.retain(|entry| entry.process != process);
        if known.len() >= CACHED {
            known.remove(0);
        }
        known.push(Known {
            process: process.into(),
            url: url.into(),
            until,
        });
    }
}
