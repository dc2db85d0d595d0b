//! A store in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::error::Result;
use crate::platform::Storage;

/// Stores records in memory. They are lost when this value is dropped. A clone has records of its own.
#[derive(Clone, Default)]
pub struct MemoryStorage(RefCell<BTreeMap<String, Vec<u8>>>);

impl Storage for MemoryStorage {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.borrow().get(name).cloned())
    }

    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        let mut records = self.0.borrow_mut();
        let is_free = !records.contains_key(name);
        if is_free {
            records.insert(name.into(), bytes.into());
        }
        Ok(is_free)
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.0.borrow_mut().insert(name.into(), bytes.into());
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<()> {
        self.0.borrow_mut().remove(name);
        Ok(())
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        let records = self.0.borrow();
        let names = records.range(prefix.to_owned()..).map(|(name, _)| name);
        let names = names.take_while(|name| name.starts_with(prefix));
        Ok(names
            .filter(|name| !name[prefix.len()..].contains('/'))
            .cloned()
            .collect())
    }
}
