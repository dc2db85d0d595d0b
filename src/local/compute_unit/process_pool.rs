//! Cache of live processes.

use std::rc::Rc;

use super::snapshots;
use crate::arweave::Id;
use crate::compute::Process;
use crate::error::{ErrorKind, Result};
use crate::local::context::NetworkContext;
use crate::local::platform::Platform;
use crate::local::store::names;

/// A process in the pool.
pub(crate) struct PooledProcess {
    pub process: Id,
    /// The number of entries that its state includes.
    pub count: usize,
    pub state: Process,
}

/// The processes that are ready to run. The one that ran last is at the end.
pub(crate) struct ProcessPool<P> {
    context: Rc<NetworkContext<P>>,
    pooled: Vec<PooledProcess>,
}

impl<P: Platform> ProcessPool<P> {
    pub(crate) fn new(context: Rc<NetworkContext<P>>) -> Self {
        Self {
            context,
            pooled: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.pooled.len()
    }

    /// Removes a process from the pool and returns it. While it is outside, an error loses only a copy of the state.
    pub(crate) fn take(&mut self, process: &Id) -> Option<PooledProcess> {
        let place = self.pooled.iter().position(|pooled| pooled.process == *process)?;
        Some(self.pooled.remove(place))
    }

    /// Puts a process at the end of the pool.
    pub(crate) fn insert(&mut self, pooled: PooledProcess) {
        self.pooled.push(pooled);
    }

    /// Makes room for another process. The processes that have not run for the longest time release their memory. If the
    /// images of such processes are too large as well, they leave the pool.
    pub(crate) async fn make_room(&mut self) -> Result<()> {
        let max = self.context.options.live_memory;
        loop {
            let loaded = self.pooled.iter().filter(|pooled| pooled.state.is_loaded());
            let (count, held) = loaded.fold((0, 0), |(count, held), pooled| {
                (count + 1, held + pooled.state.memory_use())
            });
            if count < self.context.options.live.max(1) && held <= max {
                break;
            }
            let Some(place) = self.pooled.iter().position(|pooled| pooled.state.is_loaded()) else {
                break;
            };
            if self.pooled[place].state.release_memory().is_err() {
                self.evict(place).await?;
            }
        }
        loop {
            let mut released = self.pooled.iter().filter(|pooled| !pooled.state.is_loaded());
            let held: u64 = released.clone().map(|pooled| pooled.state.memory_use()).sum();
            let Some(first) = released.next().map(|pooled| pooled.process).filter(|_| held > max) else {
                return Ok(());
            };
            if let Some(place) = self.pooled.iter().position(|pooled| pooled.process == first) {
                self.evict(place).await?;
            }
        }
    }

    /// Empties the pool, which releases all memory of processes.
    pub(crate) async fn clear(&mut self) -> Result<()> {
        while !self.pooled.is_empty() {
            self.evict(0).await?;
        }
        Ok(())
    }

    /// Stores a snapshot of each process in the pool, unless there is one already.
    pub(crate) async fn flush_snapshots(&mut self) -> Result<()> {
        for place in 0..self.pooled.len() {
            self.ensure_snapshot(place).await?;
        }
        Ok(())
    }

    /// Stores a snapshot of a process, if it is in the pool with exactly `count` entries.
    pub(crate) async fn store_snapshot(&mut self, process: &Id, count: usize) -> Result<()> {
        let mut pooled = self.pooled.iter();
        let place = pooled.position(|pooled| pooled.process == *process && pooled.count == count);
        match place {
            Some(place) => self.try_snapshot(place).await,
            None => Ok(()),
        }
    }

    async fn evict(&mut self, place: usize) -> Result<()> {
        self.ensure_snapshot(place).await?;
        self.pooled.remove(place);
        Ok(())
    }

    async fn ensure_snapshot(&mut self, place: usize) -> Result<()> {
        let Some(PooledProcess { process, count, .. }) = self.pooled.get(place) else {
            return Ok(());
        };
        let name = names::snapshot(process, *count);
        if *count == 0 || self.context.platform.get(&name).await?.is_some() {
            return Ok(());
        }
        self.try_snapshot(place).await
    }

    /// Stores a snapshot. Without enough memory for one there is none: the state can be computed from the schedule, and the
    /// next process must not fail because of it.
    async fn try_snapshot(&mut self, place: usize) -> Result<()> {
        let PooledProcess { process, count, state } = &mut self.pooled[place];
        match state.quick_snapshot() {
            Ok(snapshot) => snapshots::store(&self.context, process, *count, &snapshot).await,
            Err(error) if error.kind() == ErrorKind::OutOfMemory => Ok(()),
            Err(error) => Err(error),
        }
    }
}
