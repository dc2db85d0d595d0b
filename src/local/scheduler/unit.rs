//! The scheduler's state: the schedules, and which of their entries are not settled.
//!
//! Assignments form a hash chain: each contains a hash over the id of the previous assignment. So an assignment must be
//! signed before the next message gets a slot. The network signs it while the message is evaluated.

use std::collections::HashMap;
use std::rc::Rc;

use super::assignment::draft_assignment;
use super::blocked::Blocked;
use super::cascades::Cascades;
use super::pending::Pending;
use super::schedule::{Arrival, Entry, Schedule};
use crate::ans104::{DataItem, Draft, Head};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::local::context::NetworkContext;
use crate::local::event::Event;
use crate::local::platform::Platform;
use crate::local::store::{items, names, records};
use crate::local::tags;
use crate::protocol::hash_chain::{first_chain, next_chain};
use crate::signer::address;

/// Bytes of the largest item that stays in memory after it is stored.
const MAX_NEWEST: usize = 1 << 16;

/// How a message is added to a schedule.
pub(crate) struct ScheduleOptions {
    /// Whether the process's outbox is delivered after evaluation.
    pub crank: bool,
    /// The message that started the cascade.
    pub root: Id,
    pub arrival: Arrival,
    /// For a signed HTTP message: its signed headers and body.
    pub original: Option<Vec<u8>>,
}

impl ScheduleOptions {
    /// For a message of the cascade that `root` started.
    pub(crate) fn in_cascade(root: Id) -> Self {
        Self {
            crank: true,
            root,
            arrival: Arrival::Sent,
            original: None,
        }
    }
}

/// The next entry of a process to be settled.
pub(crate) struct Unsettled {
    pub index: usize,
    pub entry: Entry,
    /// The assignment to be signed. `None` for ticks.
    pub assignment: Option<Draft>,
}

pub(crate) struct Scheduler<P> {
    context: Rc<NetworkContext<P>>,
    schedules: HashMap<Id, Schedule>,
    pending: Pending,
    cascades: Cascades,
    blocked: Blocked,
    /// Counts the passes over the pending entries. Every request begins with one.
    pass: u64,
    /// The item that was stored last, if it is small: the next entry to be evaluated is mostly its own.
    newest_item: Option<DataItem>,
}

impl<P: Platform> Scheduler<P> {
    pub(crate) fn new(context: Rc<NetworkContext<P>>) -> Self {
        Self {
            context,
            schedules: HashMap::new(),
            pending: Pending::default(),
            cascades: Cascades::default(),
            blocked: Blocked::default(),
            pass: 0,
            newest_item: None,
        }
    }

    /// Finds the entries that were not settled when the network was closed or crashed.
    pub(crate) async fn recover(&mut self) -> Result<()> {
        let mut unsettled = Vec::new();
        for name in self.context.platform.names(names::PENDING).await? {
            let Some(process) = names::id_in(&name) else { continue };
            let synced = self.sync_schedule(&process).await;
            self.isolate(&process, synced)?;
            let Some(schedule) = self.schedules.get(&process) else {
                continue;
            };
            let entries = schedule.entries().iter().skip(schedule.settled());
            unsettled.extend(entries.map(|entry| (entry.timestamp, process)));
        }
        unsettled.sort_by_key(|(timestamp, _)| *timestamp);
        self.pending = unsettled.into_iter().map(|(_, process)| process).collect();
        Ok(())
    }

    /// Reads a process's schedule, or the entries that were added since: another page may use the same store. Pages take
    /// turns, so that once in a pass is enough. Returns whether the process exists.
    pub(crate) async fn sync_schedule(&mut self, process: &Id) -> Result<bool> {
        match self.schedules.get(process) {
            Some(schedule) if schedule.read_in == self.pass => Ok(true),
            _ => self.read_schedule(process).await,
        }
    }

    /// As [`sync_schedule`](Self::sync_schedule), whenever it was read last.
    pub(crate) async fn read_schedule(&mut self, process: &Id) -> Result<bool> {
        let known = self.schedules.get(process).map(|schedule| schedule.entries().len());
        let (is_new, first) = (known.is_none(), known.unwrap_or(0));
        let mut entries = Vec::new();
        while let Some(entry) = self.read_entry(process, first + entries.len()).await? {
            entries.push(entry);
        }
        let count = first + entries.len();
        if is_new {
            if entries.is_empty() {
                return Ok(false);
            }
            let stored = items::require(&self.context.platform, process).await?;
            let mut schedule = empty_schedule(stored.item.head())?;
            schedule.set_settled(self.count_results(process, count).await?);
            self.schedules.insert(*process, schedule);
        }
        let mut unsettled = entries.len();
        if let Some(schedule) = self.schedules.get_mut(process) {
            schedule.read_in = self.pass;
            unsettled = count - first.max(if is_new { schedule.settled() } else { first });
            for entry in entries {
                if entry.led > 0 {
                    self.cascades.raise(entry.root, entry.led);
                }
                schedule.push(entry);
            }
        }
        for _ in 0..unsettled {
            self.pending.push(*process);
        }
        Ok(true)
    }

    async fn read_entry(&self, process: &Id, index: usize) -> Result<Option<Entry>> {
        let name = names::entry(process, index);
        match records::get(&self.context.platform, &name).await? {
            Some(content) => records::decode(&name, &content).map(|(entry, _)| Some(entry)),
            None => Ok(None),
        }
    }

    /// Counts the entries that have results. Results are written in order, so a binary search finds the end.
    async fn count_results(&self, process: &Id, entries: usize) -> Result<usize> {
        let (mut low, mut high) = (0, entries);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.context.platform.get(&names::result(process, middle)).await? {
                Some(_) => low = middle + 1,
                None => high = middle,
            }
        }
        Ok(low)
    }

    /// Adds an entry to the end of a schedule. Returns false when another page was faster. The schedule then has its entry.
    pub(crate) async fn append(&mut self, process: &Id, entry: Entry) -> Result<bool> {
        let platform = &self.context.platform;
        let index = self
            .schedules
            .get(process)
            .map_or(0, |schedule| schedule.entries().len());
        let record = records::encode(&entry, &[])?;
        // Written first: a crash between the two writes must not hide the entry from recovery.
        if !self.pending.contains(process) {
            platform.put(&names::pending(process), &[]).await?;
        }
        let is_first = records::insert(platform, &names::entry(process, index), &record).await?;
        match self.schedules.get_mut(process).filter(|_| is_first) {
            Some(schedule) => {
                schedule.push(entry);
                self.pending.push(*process);
            }
            None => {
                self.read_schedule(process).await?;
            }
        }
        Ok(is_first)
    }

    /// Stores an item and adds it to a process's schedule. Returns the index of its entry, which may exist already: see
    /// [`Arrival`].
    pub(crate) async fn schedule_item(
        &mut self,
        process: &Id,
        item: &DataItem,
        options: ScheduleOptions,
    ) -> Result<usize> {
        let id = item.id();
        let context = Rc::clone(&self.context);
        let platform = &context.platform;
        let now = platform.now();
        match &options.original {
            Some(original) => items::insert_http_message(platform, item, original, now).await?,
            // An item that was stored before may have the same id and signature, and other bytes.
            None => {
                let is_new = items::insert(platform, item, now).await?;
                self.newest_item = (is_new && item.as_bytes().len() <= MAX_NEWEST).then(|| item.clone());
            }
        }
        if matches!(options.arrival, Arrival::Assigned { .. }) {
            platform.put(&names::assigned(&id), &[]).await?;
        }
        // Repeats when another page has taken the place in the schedule.
        loop {
            let is_new = !self.sync_schedule(process).await?;
            if is_new {
                platform.insert(&names::process(process), &[]).await?;
            }
            let schedule = self.schedules.get(process);
            if let Some(index) = schedule.and_then(|schedule| schedule.existing(&id, &options.arrival)) {
                return Ok(index);
            }
            let chain = self.next_chain(process).await?;
            let empty;
            let schedule = match self.schedules.get(process) {
                Some(schedule) => schedule,
                None => {
                    empty = empty_schedule(item.head())?;
                    &empty
                }
            };
            let index = schedule.entries().len();
            let entry = Entry {
                id,
                timestamp: schedule.next_timestamp(now),
                nonce: schedule.next_nonce(),
                kind: options.arrival.entry_kind(chain),
                crank: options.crank,
                root: options.root,
                led: self.cascades.count(&options.root),
            };
            if self.append(process, entry).await? {
                let what = if is_new { "spawned" } else { "message" };
                let action = tags::value(item.head().tags(), "Action").unwrap_or_default();
                context.note(Event::new(what, *process, id).with_detail(action));
                return Ok(index);
            }
        }
    }

    /// The hash chain of the next assignment.
    async fn next_chain(&self, process: &Id) -> Result<Id> {
        let Some(schedule) = self.schedules.get(process) else {
            return Ok(first_chain(process));
        };
        let newest = schedule.newest();
        let chain = newest.and_then(|index| schedule.entries().get(index)?.chain());
        let Some((index, chain)) = newest.zip(chain) else {
            return Ok(first_chain(process));
        };
        let assignment = match schedule.signed_assignment(index) {
            Some(id) => id,
            None => self.assignment(process, index).await?.id(),
        };
        Ok(next_chain(&assignment, &chain))
    }

    /// The next entry of a process that is not settled.
    pub(crate) fn next_unsettled(&self, process: &Id) -> Option<Unsettled> {
        let schedule = self.schedules.get(process)?;
        let index = schedule.settled();
        let entry = schedule.entries().get(index)?.clone();
        Some(Unsettled {
            assignment: draft_assignment(&self.context, process, &entry),
            index,
            entry,
        })
    }

    /// The item with this id, if it is the one that was stored last.
    pub(crate) fn newest_item(&self, id: &Id) -> Option<&DataItem> {
        self.newest_item.as_ref().filter(|item| item.id() == *id)
    }

    /// Records that an entry's result is stored and its outbox is delivered.
    pub(crate) fn set_settled(&mut self, process: &Id, index: usize) {
        if let Some(schedule) = self.schedules.get_mut(process) {
            schedule.set_settled(index + 1);
        }
    }

    pub(crate) fn set_signed(&mut self, process: &Id, index: usize, assignment: Id) {
        if let Some(schedule) = self.schedules.get_mut(process) {
            schedule.set_signed(index, assignment);
        }
    }

    /// Starts a pass over the pending entries. Blocked processes are tried again.
    pub(crate) fn begin_pass(&mut self) {
        self.pass += 1;
        self.blocked.clear();
    }

    pub(crate) fn first_pending(&self) -> Option<Id> {
        self.pending.first()
    }

    pub(crate) fn is_pending(&self, process: &Id) -> bool {
        self.pending.contains(process)
    }

    /// Removes the first pending entry, whose process is `process`. Returns whether the process is blocked.
    pub(crate) async fn finish_pending(&mut self, process: &Id) -> Result<bool> {
        let is_last = self.pending.pop();
        let is_blocked = self.blocked_reason(process).is_some();
        if !is_blocked && is_last {
            self.context.platform.remove(&names::pending(process)).await?;
        }
        Ok(is_blocked)
    }

    /// Ends a pass. `waiting` has the process of each entry that is still pending.
    pub(crate) fn end_pass(&mut self, waiting: Vec<Id>) {
        if waiting.is_empty() {
            self.cascades.clear();
        }
        waiting.into_iter().for_each(|process| self.pending.push(process));
    }

    /// Blocks a process whose records cannot be read, so that the other processes continue. Other errors are returned.
    pub(crate) fn isolate<T>(&mut self, process: &Id, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind() == ErrorKind::Storage => {
                let error = with_process(process, error);
                if self.blocked.insert(*process, error.message().to_owned()) {
                    let event = Event::new("failed", *process, *process);
                    self.context.note(event.with_detail(error.message()));
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Why a process is blocked, if it is.
    pub(crate) fn blocked_reason(&self, process: &Id) -> Option<&str> {
        self.blocked.reason(process)
    }

    /// Why one of the blocked processes is blocked, if any is.
    pub(crate) fn any_blocked_reason(&self) -> Option<&str> {
        self.blocked.any_reason()
    }

    /// The cascades that are not finished.
    pub(crate) fn cascades(&mut self) -> &mut Cascades {
        &mut self.cascades
    }

    pub(crate) fn context(&self) -> Rc<NetworkContext<P>> {
        Rc::clone(&self.context)
    }

    /// The schedules that have been read, by process.
    pub(crate) fn schedules(&self) -> &HashMap<Id, Schedule> {
        &self.schedules
    }
}

/// A schedule without entries. `head` is the head of the process's own item.
fn empty_schedule(head: &Head) -> Result<Schedule> {
    let module = tags::value_any_case(head.tags(), "Module").unwrap_or_default();
    let module = Id::parse(module, "Module")?;
    Ok(Schedule::new(
        address::compute_unit(head.owner()),
        module,
        head.tags().to_vec(),
    ))
}

/// Adds the process to the message of an error of the store.
pub(crate) fn with_process(process: &Id, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Storage => error.context(&format!("Process {process} cannot go on")),
        _ => error,
    }
}
