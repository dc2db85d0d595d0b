//! Processes that are ready to run, and how they are had as they were at any point of their schedules.

use crate::arweave::Id;
use crate::compute::Process;
use crate::error::{ErrorKind, Result};
use crate::local::compute_unit::evaluation::is_fault;
use crate::local::compute_unit::module_input as message;
use crate::local::compute_unit::modules::Loaded;
use crate::local::network::{Network, missing_record};
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::Kind;
use crate::local::store::records as store;

/// A process that is ready to run, after so many entries.
pub(crate) struct Live {
    pub process: Id,
    pub at: usize,
    pub state: Process,
}

impl<H: Platform> Network<H> {
    /// Makes a process ready, after exactly so many entries; answers with its place among those that are.
    pub(crate) async fn acquire(&mut self, process: &Id, count: usize) -> Result<usize> {
        let place = self.live.iter().position(|live| live.process == *process);
        let live = place.map(|place| self.live.remove(place));
        let live = live.filter(|live| live.at <= count);
        if !live.as_ref().is_some_and(|live| live.state.is_loaded()) {
            self.make_room().await?;
        }
        let (mut state, mut at) = match live {
            Some(Live { state, at, .. }) => (state, at),
            None => {
                match self.base(process, count).await {
                    // Hosts have limits of their own. That others are ready is no fault of this one.
                    Err(error) if error.kind() == ErrorKind::OutOfMemory && !self.live.is_empty() => {
                        self.clear_away().await?;
                        self.base(process, count).await?
                    }
                    base => base?,
                }
            }
        };
        // Whatever happens meanwhile, what is not put back is made anew.
        while at < count {
            self.replay(process, &mut state, at).await?;
            at += 1;
        }
        let process = *process;
        self.live.push(Live { process, at, state });
        Ok(self.live.len() - 1)
    }

    /// A process as it was after so many entries, on its own: what happens to it, happens to nobody else.
    pub(crate) async fn state(&mut self, process: &Id, count: usize) -> Result<Process> {
        let (mut state, at) = self.base(process, count).await?;
        for index in at..count {
            self.replay(process, &mut state, index).await?;
        }
        Ok(state)
    }

    async fn replay(&self, process: &Id, state: &mut Process, index: usize) -> Result<()> {
        if self.is_skipped(process, index)? {
            return Ok(());
        }
        match state.handle(&self.message_input(process, index).await?) {
            // It failed the first time, too.
            Err(error) if !is_fault(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// The nearest state from which one can go on, and after how many entries it is.
    async fn base(&mut self, process: &Id, count: usize) -> Result<(Process, usize)> {
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        let id = schedule.module;
        let fork = match schedule.entries.first().map(|entry| &entry.kind) {
            Some(Kind::Fork { process, index, .. }) => Some((*process, *index)),
            _ => None,
        };
        let environment = self.environment(process).await?;
        let module = self.module(&id).await?.module;
        for (name, at) in self
            .snapshots(process)
            .await?
            .into_iter()
            .rev()
            .filter(|(_, at)| *at <= count)
        {
            let Some(bytes) = self.platform.get(&name).await? else {
                continue;
            };
            match module.resume(&environment, &bytes) {
                // One that the crash of a machine has damaged: the schedule is there.
                Err(error) if error.kind() == ErrorKind::BadSnapshot => {}
                resumed => return Ok((resumed?, at)),
            }
        }
        match fork {
            None => Ok((module.instantiate(&environment)?, 0)),
            Some((parent, index)) => {
                self.sync_schedule(&parent).await?;
                let mut parent = Box::pin(self.state(&parent, index + 1)).await?;
                let image = parent.snapshot()?;
                Ok((module.resume(&environment, &image)?, 1))
            }
        }
    }

    /// The environment of a process.
    pub(crate) async fn environment(&mut self, process: &Id) -> Result<String> {
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        let Loaded { owner, tags, .. } = self.module(&schedule.module.clone()).await?;
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        Ok(message::environment(process, schedule, (owner, &tags)))
    }

    /// Takes snapshots of the processes that are ready to run, so that the next to open the network need not evaluate
    /// again what they have heard since the last ones. For times when nobody waits, and for the end.
    ///
    /// # Errors
    /// `Storage`, `OutOfMemory`.
    pub async fn flush_snapshots(&mut self) -> Result<()> {
        for place in 0..self.live.len() {
            self.save(place).await?;
        }
        Ok(())
    }

    /// Sees to it that another process can be made ready. Those that have not run for the longest time give their memory
    /// back, and when the images of those are too much as well, they go.
    async fn make_room(&mut self) -> Result<()> {
        let most = self.options.live_memory;
        loop {
            let awake = self.live.iter().filter(|live| live.state.is_loaded());
            let (count, held) = awake.fold((0, 0), |(count, held), live| {
                (count + 1, held + live.state.memory_use())
            });
            if count < self.options.live.max(1) && held <= most {
                break;
            }
            let Some(place) = self.live.iter().position(|live| live.state.is_loaded()) else {
                break;
            };
            if self.live[place].state.release_memory().is_err() {
                self.send_away(place).await?;
            }
        }
        loop {
            let mut asleep = self.live.iter().filter(|live| !live.state.is_loaded());
            let held: u64 = asleep.clone().map(|live| live.state.memory_use()).sum();
            let Some(first) = asleep.next().map(|live| live.process).filter(|_| held > most) else {
                return Ok(());
            };
            if let Some(place) = self.live.iter().position(|live| live.process == first) {
                self.send_away(place).await?;
            }
        }
    }

    async fn send_away(&mut self, place: usize) -> Result<()> {
        self.save(place).await?;
        self.live.remove(place);
        Ok(())
    }

    /// Gives back all memory that processes have.
    pub(crate) async fn clear_away(&mut self) -> Result<()> {
        while !self.live.is_empty() {
            self.send_away(0).await?;
        }
        Ok(())
    }

    async fn save(&mut self, place: usize) -> Result<()> {
        let Some(Live { process, at, .. }) = self.live.get(place) else {
            return Ok(());
        };
        let (process, at) = (*process, *at);
        if at == 0 || self.platform.get(&store::snapshot_name(&process, at)).await?.is_some() {
            return Ok(());
        }
        self.try_snapshot(place).await
    }

    pub(crate) async fn keep_snapshot(&mut self, process: &Id, count: usize) -> Result<()> {
        let mut live = self.live.iter();
        let place = live.position(|live| live.process == *process && live.at == count);
        match place {
            Some(place) => self.try_snapshot(place).await,
            None => Ok(()),
        }
    }

    /// Where there is no room for a snapshot there is none: the schedule has everything. It is no fault of whoever runs next.
    async fn try_snapshot(&mut self, place: usize) -> Result<()> {
        let Live { process, at, state } = &mut self.live[place];
        let (process, at) = (*process, *at);
        match state.snapshot() {
            Ok(snapshot) => self.put_snapshot(&process, at, &snapshot).await,
            Err(error) if error.kind() == ErrorKind::OutOfMemory => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn put_snapshot(&self, process: &Id, count: usize, snapshot: &[u8]) -> Result<()> {
        self.platform
            .put(&store::snapshot_name(process, count), snapshot)
            .await?;
        let mut kept = self.snapshots(process).await?;
        // The latest stays, so does that with which a fork begins, and the others do at even distances.
        let first = usize::from(kept.first().is_some_and(|(_, count)| *count == 1));
        while kept.len() > self.options.snapshots.max(1) + first {
            let distance = |at: usize| kept[at + 1].1 - at.checked_sub(1).map_or(0, |before| kept[before].1);
            let Some(least) = (first..kept.len() - 1).min_by_key(|at| distance(*at)) else {
                break;
            };
            let (name, _) = kept.remove(least);
            self.platform.remove(&name).await?;
        }
        Ok(())
    }

    /// The names of a process's snapshots, and after how many entries they are; in order.
    async fn snapshots(&self, process: &Id) -> Result<Vec<(String, usize)>> {
        let names = self.platform.names(&format!("snapshot/{process}/")).await?;
        let counted = names.into_iter().filter_map(|name| {
            let count = name.rsplit('/').next()?.parse().ok()?;
            Some((name, count))
        });
        Ok(counted.collect())
    }
}
