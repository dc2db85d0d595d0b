//! Views in a store.
//!
//! A view is one record, which the store replaces whole: after a crash it holds the old view or the new one. Beside it is a
//! mark with the number and the hash of the newest view, which is written after the view.
//!
//! What is recognised: a damaged record, a record of another process or module, a record that is missing although there is a
//! mark, and a record that is older than the mark. What is not: a store that was rolled back with its mark, since nothing
//! outside of it remembers more. Such a view is an older true state. It is brought up to date by the signed schedule, whose next
//! assignment must continue its chain. A forged record with a forged mark is not recognised either. Every proof of
//! a view from a store therefore names the store among what is trusted.

use sha2::{Digest, Sha256};

use super::record;
use super::replay::ProcessFacts;
use super::view::{View, process_of};
use crate::arweave::Id;
use crate::compute::Module;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::Storage;

/// The views in a store.
pub struct KeptViews<'a, S> {
    store: &'a S,
}

/// Bytes of a mark: the number of the view, and its hash.
const MARK: usize = 8 + 32;

impl<'a, S: Storage> KeptViews<'a, S> {
    pub fn new(store: &'a S) -> Self {
        Self { store }
    }

    /// Stores a view, and replaces the one of the same process.
    ///
    /// # Errors
    /// `Storage` where the platform cannot write. `OutOfMemory` as in [`View::export`].
    pub async fn store(&self, view: &mut View) -> Result<()> {
        let process = process_of(view);
        let before = self.mark(&process).await?.map_or(0, |(generation, _)| generation);
        let generation = before.saturating_add(1);
        let record = view.export_as(generation)?;
        let mark = [&generation.to_le_bytes()[..], &Sha256::digest(&record)].concat();
        self.store.put(&view_name(&process), &record).await?;
        self.store.put(&mark_name(&process), &mark).await
    }

    /// Reads the view of a process. `None` where there is none.
    ///
    /// # Errors
    /// `ViewDamaged`, `ViewRolledBack`, and `Storage` where the platform cannot read.
    pub async fn load(&self, module: &Module, environment: &str, facts: ProcessFacts) -> Result<Option<View>> {
        let process = facts.id;
        let mark = self.mark(&process).await?;
        let Some(record) = self.store.get(&view_name(&process)).await? else {
            return match mark {
                None => Ok(None),
                Some(_) => Err(rolled_back(&process)),
            };
        };
        let (head, _) = record::read(&record)?;
        if let Some((generation, hash)) = mark {
            // A crash between the two writes leaves a view that is newer than its mark.
            if head.generation < generation {
                return Err(rolled_back(&process));
            }
            if head.generation == generation && Sha256::digest(&record)[..] != hash {
                return Err(record::damaged(&process, "it is not the one that was stored last"));
            }
        }
        let (view, _) = View::read(module, environment, facts, &record)?;
        Ok(Some(view))
    }

    /// Whether there is a view of a process, or was one before the store was damaged.
    ///
    /// # Errors
    /// `Storage` where the platform cannot read.
    pub async fn has(&self, process: &Id) -> Result<bool> {
        Ok(self.store.get(&mark_name(process)).await?.is_some())
    }

    /// Deletes the view of a process.
    ///
    /// # Errors
    /// `Storage` where the platform cannot write.
    pub async fn remove(&self, process: &Id) -> Result<()> {
        // In this order a crash leaves a view without a mark, which is whole.
        self.store.remove(&mark_name(process)).await?;
        self.store.remove(&view_name(process)).await
    }

    async fn mark(&self, process: &Id) -> Result<Option<(u64, [u8; 32])>> {
        let Some(bytes) = self.store.get(&mark_name(process)).await? else {
            return Ok(None);
        };
        let mark: [u8; MARK] = bytes
            .try_into()
            .map_err(|_| record::damaged(process, "its mark is damaged"))?;
        let (generation, hash) = mark.split_first_chunk().ok_or_else(|| rolled_back(process))?;
        let hash = hash.try_into().map_err(|_| rolled_back(process))?;
        Ok(Some((u64::from_le_bytes(*generation), hash)))
    }
}

fn view_name(process: &Id) -> String {
    format!("view/{process}")
}

fn mark_name(process: &Id) -> String {
    format!("view-mark/{process}")
}

fn rolled_back(process: &Id) -> Error {
    let message = format!(
        "The kept view of the process {process} is older than the one that was stored last, or missing: the store was restored \
         from an old copy. Delete the view, and start again"
    );
    Error::new(ErrorKind::ViewRolledBack, message)
}
