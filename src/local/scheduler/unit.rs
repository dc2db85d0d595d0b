//! The scheduler unit: gives every message of a process its slot and signs the assignment.
//!
//! Assignments form a chain: each has a hash over the id of the one before it. So an assignment must be signed before the
//! next message gets a slot; [`Network::settle`] signs it while the message is evaluated.

use sha2::{Digest, Sha256};

use crate::ans104::{DataItem, Draft, Head, Tag};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::local::http::{HttpError, HttpResult};
use crate::local::network::{Event, Network};
use crate::local::path_and_query as route;
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::{Entry, Kind, Schedule, any_case, first_chain, next_chain, tag};
use crate::local::store::records as store;
use crate::protocol::{PROTOCOL, VARIANT};

/// The schedule of a process that nothing has come to yet.
pub(crate) fn begin(head: &Head) -> Result<Schedule> {
    let module = any_case(head.tags(), "Module").unwrap_or_default();
    let module = Id::parse(module, "Module")?;
    Ok(Schedule::new(Id::of(head.owner()), module, head.tags().to_vec()))
}

/// How a message gets into a schedule.
pub(crate) struct ScheduleOptions {
    pub crank: bool,
    pub root: Id,
    pub way: Way,
    /// Of a signed HTTP message: what was signed.
    pub original: Option<Vec<u8>>,
}

/// By which way a message comes to a process.
pub(crate) enum Way {
    /// It is signed for that process, or is the process.
    Sent,
    /// The same, at a HyperBEAM node: whether the process knows the message already does not matter.
    Again,
    /// It was there already, and is assigned. `by` says by which part of an outbox, so that a crash does not assign it twice.
    Assigned { exclude: Vec<String>, by: Option<String> },
    /// It is a process that goes on from the state of another, after an entry of that.
    Fork { process: Id, index: usize },
}

impl ScheduleOptions {
    /// A message that begins something.
    pub(crate) fn root(id: Id) -> Self {
        Self {
            crank: true,
            root: id,
            way: Way::Sent,
            original: None,
        }
    }
}

impl<H: Platform> Network<H> {
    /// Keeps an item and gives it a slot. A message that has a slot keeps it; one that is assigned gets another each time.
    /// Answers with the number of its entry.
    pub(crate) async fn place(&mut self, process: &Id, item: &DataItem, placing: ScheduleOptions) -> Result<usize> {
        let id = item.id();
        let now = self.platform.now();
        match &placing.original {
            Some(original) => store::keep_http_message(&*self.platform, item, original, now).await?,
            None => store::keep_item(&*self.platform, item, now).await?,
        }
        if matches!(placing.way, Way::Assigned { .. }) {
            self.platform.put(&store::assigned_name(&id), &[]).await?;
        }
        loop {
            let is_new = !self.sync_schedule(process).await?;
            if is_new {
                self.platform.insert(&format!("process/{process}"), &[]).await?;
            }
            let schedule = self.schedules.get(process);
            if let Some(index) = schedule.and_then(|schedule| schedule.placed(&id, &placing.way)) {
                return Ok(index);
            }
            let chain = self.chain(process).await?;
            let begun;
            let schedule = match self.schedules.get(process) {
                Some(schedule) => schedule,
                None => {
                    begun = begin(item.head())?;
                    &begun
                }
            };
            let index = schedule.entries.len();
            let entry = Entry {
                id,
                timestamp: schedule.next_timestamp(now),
                nonce: schedule.next_nonce(),
                kind: match &placing.way {
                    Way::Sent | Way::Again => Kind::Message { chain },
                    Way::Assigned { exclude, by } => Kind::Assigned {
                        chain,
                        exclude: exclude.clone(),
                        by: by.clone(),
                    },
                    Way::Fork { process, index } => Kind::Fork {
                        chain,
                        process: *process,
                        index: *index,
                    },
                },
                crank: placing.crank,
                root: placing.root,
                led: self.cascades.get(&placing.root).copied().unwrap_or(0),
            };
            if self.append(process, entry).await? {
                let what = if is_new { "spawned" } else { "message" };
                let action = tag(item.head().tags(), "Action").unwrap_or_default();
                self.note(Event::new(what, *process, id).with_detail(action));
                return Ok(index);
            }
        }
    }

    /// The hash chain of the next assignment.
    async fn chain(&self, process: &Id) -> Result<Id> {
        let Some(schedule) = self.schedules.get(process) else {
            return Ok(first_chain(process));
        };
        let newest = schedule.newest();
        let chain = newest.and_then(|index| schedule.entries.get(index)?.chain());
        let Some((index, chain)) = newest.zip(chain) else {
            return Ok(first_chain(process));
        };
        let assignment = match schedule.signed {
            Some((signed, id)) if signed == index => id,
            _ => self.assignment(process, index).await?.id(),
        };
        Ok(next_chain(&assignment, &chain))
    }

    /// The assignment to an entry that has a slot. One that is not signed yet is signed now.
    pub(crate) async fn assignment(&self, process: &Id, index: usize) -> Result<DataItem> {
        if let Some(assignment) = store::assignment(&*self.platform, process, index).await? {
            return Ok(assignment);
        }
        let entry = self.entry(process, index)?;
        let draft = self.draft_of(process, entry);
        let draft = draft.ok_or_else(|| store::missing(&store::assignment_name(process, index)))?;
        sign_assignment(&*self.platform, process, index, draft, entry.timestamp).await
    }

    /// What is signed as the assignment to an entry; nothing for ticks, which have no slot.
    pub(crate) fn draft_of(&self, process: &Id, entry: &Entry) -> Option<Draft> {
        let anchor = Sha256::new()
            .chain_update(self.anchor_seed.as_bytes())
            .chain_update(process.as_bytes())
            .chain_update(entry.nonce.to_le_bytes())
            .chain_update(entry.timestamp.to_le_bytes());
        let mut tags = vec![
            Tag::new("Process", process.to_string()),
            Tag::new("Epoch", "0"),
            Tag::new("Nonce", entry.nonce.to_string()),
            Tag::new("Hash-Chain", entry.chain()?.to_string()),
            Tag::new("Block-Height", self.options.blocks.padded(entry.timestamp)),
            Tag::new("Timestamp", entry.timestamp.to_string()),
            Tag::new("Data-Protocol", PROTOCOL),
            Tag::new("Type", "Assignment"),
            Tag::new("Variant", VARIANT),
        ];
        if entry.id != *process || entry.nonce > 0 {
            tags.push(Tag::new("Message", entry.id.to_string()));
        }
        if let Kind::Assigned { exclude, .. } = &entry.kind {
            tags.extend(exclude.iter().map(|field| Tag::new("Exclude", field.as_str())));
        }
        Some(Draft {
            target: None,
            anchor: Some(anchor.finalize().to_vec()),
            tags,
        })
    }

    /// The entry that has an assignment of this id.
    pub(crate) async fn assigned(&self, process: &Id, assignment: &Id) -> Result<Option<usize>> {
        let Some(kept) = store::item(&*self.platform, assignment).await? else {
            return Ok(None);
        };
        let head = kept.item.head();
        let is_ours = Id::of(head.owner()) == self.address
            && tag(head.tags(), "Type") == Some("Assignment")
            && tag(head.tags(), "Process") == Some(&process.to_string());
        let nonce = tag(head.tags(), "Nonce").filter(|_| is_ours);
        let nonce = nonce.and_then(|nonce| nonce.parse().ok());
        let schedule = self.schedules.get(process);
        let index = nonce.and_then(|nonce| schedule?.slot(nonce));
        // The network's key may sign such an item for a process, too; only what was kept as the assignment is it.
        match index {
            Some(index) => {
                let kept = store::assignment(&*self.platform, process, index).await?;
                Ok(kept.filter(|kept| kept.id() == *assignment).map(|_| index))
            }
            None => Ok(None),
        }
    }

    /// The id of a process that there is.
    pub(crate) async fn known(&mut self, process: &str) -> HttpResult<Id> {
        let id = route::id(process, "The process's id")?;
        if self.find_process(&id).await? {
            return Ok(id);
        }
        Err(HttpError::missing(format!("There is no process {id} in this network")))
    }

    /// Whether there is a process, and nothing keeps it from going on.
    pub(crate) async fn find_process(&mut self, id: &Id) -> HttpResult<bool> {
        if let Some(reason) = self.stuck.get(id) {
            return Err(HttpError::new(500, ErrorKind::Storage, reason.as_str()));
        }
        self.sync_schedule(id)
            .await
            .map_err(|error| of_process(id, error).into())
    }

    pub(crate) fn entry(&self, process: &Id, index: usize) -> Result<&Entry> {
        let schedule = self.schedules.get(process);
        schedule
            .and_then(|schedule| schedule.entries.get(index))
            .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("Process {process} has no entry {index}")))
    }
}

/// Names the process to which an error of the store belongs.
pub(crate) fn of_process(process: &Id, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Storage => error.context(&format!("Process {process} cannot go on")),
        _ => error,
    }
}

/// Signs an assignment. It is kept, unless there is one already, and found at the gateway.
pub(crate) async fn sign_assignment(
    platform: &impl Platform,
    process: &Id,
    index: usize,
    draft: Draft,
    timestamp: u64,
) -> Result<DataItem> {
    let name = store::assignment_name(process, index);
    let signed = platform.sign(draft, Vec::new()).await?;
    let assignment = match store::insert(platform, &name, &signed.raw).await? {
        true => DataItem::parse(signed.raw)?,
        // From before a crash, or of another page, which has the same store.
        false => {
            let kept = store::assignment(platform, process, index).await?;
            kept.ok_or_else(|| store::missing(&name))?
        }
    };
    store::keep_item(platform, &assignment, timestamp).await?;
    Ok(assignment)
}
