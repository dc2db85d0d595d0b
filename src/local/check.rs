//! A look through the whole store: which records are damaged.

use super::host::Surroundings;
use super::network::{Network, id_of};
use super::store;
use crate::ans104::DataItem;
use crate::error::Result;

impl<H: Surroundings> Network<H> {
    /// The names of all records with content, but for snapshots, which can be made anew.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn records(&self) -> Result<Vec<String>> {
        let mut records = Vec::new();
        for kind in ["item/", "module/", "monitor/", "published/"] {
            records.extend(self.host.names(kind).await?);
        }
        for process in self.host.names("process/").await?.iter().filter_map(|name| id_of(name)) {
            for kind in ["entry", "assignment", "result"] {
                records.extend(self.host.names(&format!("{kind}/{process}/")).await?);
            }
            // Of an outbox that is not delivered yet: only the newest entries can have one.
            let entries = self.host.names(&format!("entry/{process}/")).await?;
            for entry in entries.iter().filter_map(|name| name.rsplit('/').next()) {
                let is_settled = self.host.get(&format!("result/{process}/{entry}")).await?.is_some();
                if !is_settled {
                    records.extend(self.host.names(&format!("push/{process}/{entry}/")).await?);
                }
            }
        }
        Ok(records)
    }

    /// Which of these records are damaged, and in which words that is said.
    ///
    /// # Errors
    /// `Storage` when the host cannot read.
    pub async fn damaged(&self, records: &[String]) -> Result<Vec<(String, String)>> {
        let mut damaged = Vec::new();
        for name in records {
            match self.read(name).await {
                Ok(()) => {}
                Err(error) if store::is_damage(&error) => damaged.push((name.clone(), error.message().into())),
                Err(error) => return Err(error),
            }
        }
        Ok(damaged)
    }

    async fn read(&self, name: &str) -> Result<()> {
        match name.strip_prefix("item/").and_then(id_of) {
            Some(id) => store::item(&*self.host, &id).await.map(|_| ()),
            None => {
                let content = store::get(&*self.host, name).await?;
                match content.filter(|_| name.starts_with("assignment/")) {
                    Some(raw) => DataItem::parse(raw)
                        .map(|_| ())
                        .map_err(|error| store::damaged(name).with_source(error)),
                    None => Ok(()),
                }
            }
        }
    }
}
