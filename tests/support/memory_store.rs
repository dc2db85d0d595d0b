//! A store in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aoxide::Result;
use aoxide::platform::Storage;

/// A store in memory.
#[derive(Default)]
pub struct Memory(pub RefCell<BTreeMap<String, Vec<u8>>>);

impl Storage for Memory {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.borrow().get(name).cloned())
    }

    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        let is_free = !self.0.borrow().contains_key(name);
        if is_free {
            self.put(name, bytes).await?;
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
        let names = self.0.borrow();
        Ok(names.keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }
}
