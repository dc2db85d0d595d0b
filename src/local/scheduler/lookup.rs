//! Finds processes, entries and assignments.

use super::assignment::{draft_assignment, sign_assignment};
use super::schedule::{Entry, EntryKind, Schedule};
use super::unit::{Scheduler, with_process};
use crate::ans104::DataItem;
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::local::http::{HttpError, HttpResult};
use crate::local::path_and_query;
use crate::local::platform::Platform;
use crate::local::store::{items, names, records};
use crate::local::tags;

impl<P: Platform> Scheduler<P> {
    /// Parses the id of a process that exists.
    ///
    /// # Errors
    /// 400 for an invalid id, 404 for an unknown process, 500 for a blocked one.
    pub(crate) async fn require_process(&mut self, process: &str) -> HttpResult<Id> {
        let id = path_and_query::id(process, "The process's id")?;
        if self.find_process(&id).await? {
            return Ok(id);
        }
        Err(HttpError::missing(format!("There is no process {id} in this network")))
    }

    /// Returns whether a process exists. Reads its schedule.
    ///
    /// # Errors
    /// 500 when the process is blocked.
    pub(crate) async fn find_process(&mut self, id: &Id) -> HttpResult<bool> {
        if let Some(reason) = self.blocked_reason(id) {
            return Err(HttpError::new(500, ErrorKind::Storage, reason));
        }
        self.sync_schedule(id)
            .await
            .map_err(|error| with_process(id, error).into())
    }

    /// The schedule of a process, if it has been read.
    pub(crate) fn schedule(&self, process: &Id) -> Option<&Schedule> {
        self.schedules().get(process)
    }

    /// The schedule of a process that has been found before.
    pub(crate) fn require_schedule(&self, process: &Id) -> Result<&Schedule> {
        self.schedule(process)
            .ok_or_else(|| records::missing_record("a schedule"))
    }

    pub(crate) fn entry(&self, process: &Id, index: usize) -> Result<&Entry> {
        let schedule = self.schedule(process);
        schedule
            .and_then(|schedule| schedule.entries().get(index))
            .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("Process {process} has no entry {index}")))
    }

    /// Whether the module does not evaluate an entry: the first entry of a fork, which was evaluated in the other process, or
    /// an assigned message that an earlier entry has too.
    pub(crate) fn is_skipped(&self, process: &Id, index: usize) -> Result<bool> {
        let schedule = self.require_schedule(process)?;
        let is_fork = matches!(self.entry(process, index)?.kind, EntryKind::Fork { .. });
        Ok(is_fork || schedule.is_repeated(index))
    }

    /// Finds a message's entry by the message's id, its assignment's id, or its slot.
    pub(crate) async fn find_message(&self, process: &Id, message: &str) -> HttpResult<usize> {
        let missing = || HttpError::missing(format!("Process {process} has no message {message:.64}"));
        let schedule = self.schedule(process).ok_or_else(missing)?;
        let index = match message.parse() {
            Ok(slot) if message.len() < 20 => schedule.slot(slot),
            _ => {
                let id = path_and_query::id(message, "The message's id")?;
                match schedule.first_of(&id) {
                    None => self.find_assignment(process, &id).await?,
                    index => index,
                }
            }
        };
        index.ok_or_else(missing)
    }

    /// The number of entries up to and including a message or slot. Without one, the number of all entries.
    pub(crate) async fn count_through(&self, process: &Id, message: Option<&str>) -> HttpResult<usize> {
        match message {
            Some(message) => Ok(self.find_message(process, message).await? + 1),
            None => Ok(self.require_schedule(process)?.entries().len()),
        }
    }

    /// The number of entries up to and including a time, in milliseconds since 1970.
    pub(crate) fn count_until(&self, process: &Id, time: u64) -> HttpResult<usize> {
        let entries = self.require_schedule(process)?.entries();
        let is_later = |entry: &&Entry| entry.timestamp > time;
        Ok(entries.len() - entries.iter().rev().take_while(is_later).count())
    }

    /// The assignment to an entry that has a slot. It is signed now if it has not been signed yet.
    pub(crate) async fn assignment(&self, process: &Id, index: usize) -> Result<DataItem> {
        let context = self.context();
        if let Some(assignment) = items::get_assignment(&context.platform, process, index).await? {
            return Ok(assignment);
        }
        let entry = self.entry(process, index)?;
        let draft = draft_assignment(&context, process, entry);
        let draft = draft.ok_or_else(|| records::missing(&names::assignment(process, index)))?;
        sign_assignment(&context.platform, process, index, draft, entry.timestamp).await
    }

    /// Finds an entry by the id of its assignment.
    pub(crate) async fn find_assignment(&self, process: &Id, assignment: &Id) -> Result<Option<usize>> {
        let context = self.context();
        let Some(stored) = items::get(&context.platform, assignment).await? else {
            return Ok(None);
        };
        let head = stored.item.head();
        let is_ours = Id::of(head.owner()) == context.address
            && tags::value(head.tags(), "Type") == Some("Assignment")
            && tags::value(head.tags(), "Process") == Some(&process.to_string());
        let nonce = tags::value(head.tags(), "Nonce").filter(|_| is_ours);
        let nonce = nonce.and_then(|nonce| nonce.parse().ok());
        let schedule = self.schedule(process);
        let index = nonce.and_then(|nonce| schedule?.slot(nonce));
        // A process can make the network's key sign an item that looks like an assignment. Only the item that is stored as
        // the assignment is one.
        match index {
            Some(index) => {
                let stored = items::get_assignment(&context.platform, process, index).await?;
                Ok(stored.filter(|stored| stored.id() == *assignment).map(|_| index))
            }
            None => Ok(None),
        }
    }
}
