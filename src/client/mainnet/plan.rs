//! The plan of each verb: which path it requests, what it sends there, and how its response is read. Nothing here waits.

use super::page::Page;
use super::payload::{HttpMessage, ItemFields, Payload};
use super::spawn::SpawnParams;
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::client::Message;
use crate::client::url::{self, part};
use crate::error::Result;
use crate::signer::Signer;

/// Where processes are created.
const SPAWN: &str = "push";
/// Where a node names its own address.
const ADDRESS: &str = "~meta@1.0/info/address";

/// What one call of a verb does.
pub struct Plan<'a, S: Signer> {
    pub(super) path: String,
    pub(super) payload: Payload<'a, S>,
    pub(super) reading: Reading<'a, S>,
}

/// How the response is read.
pub(super) enum Reading<'a, S: Signer> {
    Raw,
    /// JSON of this slot, if the plan names one.
    Json(Option<u64>),
    /// A state of this slot, if the plan names one.
    State(Option<u64>),
    Slot,
    /// The slots of a page of results.
    Page(Page),
    Delivered,
    Process,
    /// The node's address, which becomes the scheduler of this new process. A second request follows.
    Scheduler(SpawnParams<S::Data>, &'a S),
}

/// What the node does with a message after it has given it a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It evaluates the message and pushes the messages that result from it. The response comes after that.
    Push,
    /// Nothing.
    Schedule,
}

impl Delivery {
    fn key(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Schedule => "schedule",
        }
    }
}

/// What can be read of a process.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// The result of the message in this slot. The response holds the evaluation that legacy units return: see
    /// [`Evaluation::within`](crate::protocol::Evaluation::within).
    Result(u64),
    /// The result of a message with these tags, which the process does not keep.
    Dryrun(Vec<Tag>),
    /// The slot of the newest message.
    Slot,
    /// A part of the state, or of what the process published with `patch@1.0`. An empty path reads the whole state.
    State { path: String, at: StateAt },
}

/// The point in time of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateAt {
    /// After the newest message, which the node may have to evaluate first.
    Now,
    /// After the last message that the node has evaluated.
    Computed,
    /// After the message in this slot.
    Slot(u64),
}

impl Read {
    /// # Errors
    /// `BadId` if `process` is not the id of a process.
    fn path(&self, process: &str) -> Result<String> {
        Id::parse(process, "Target")?;
        Ok(match self {
            // `compute/results=N` would be the newest result, whatever N is.
            Self::Result(slot) => format!("{process}~process@1.0/compute&slot={slot}/results"),
            Self::Dryrun(tags) => format!("{process}~process@1.0/as=execution/compute{}", keys(tags)),
            Self::Slot => format!("{process}/slot/current"),
            Self::State { path, at } => {
                let mut whole = format!("{process}~process@1.0/");
                match at {
                    StateAt::Now => whole.push_str("now"),
                    StateAt::Computed => whole.push_str("compute"),
                    StateAt::Slot(slot) => whole.push_str(&format!("compute&slot={slot}")),
                }
                if !path.is_empty() {
                    whole.push('/');
                    whole.push_str(path);
                }
                whole
            }
        })
    }

    fn reading<'a, S: Signer>(&self) -> Reading<'a, S> {
        match self {
            Self::Result(slot) => Reading::Json(Some(*slot)),
            Self::Dryrun(_) => Reading::Json(None),
            Self::Slot => Reading::Slot,
            // A part of a state may have its own member `slot`, so its slot cannot be checked.
            Self::State {
                path,
                at: StateAt::Slot(slot),
            } if path.is_empty() => Reading::State(Some(*slot)),
            Self::State { .. } => Reading::State(None),
        }
    }
}

impl<'a, S: Signer> Plan<'a, S> {
    /// Reads without a signature.
    ///
    /// # Errors
    /// `BadId`.
    pub fn read(process: &str, read: Read) -> Result<Self> {
        Ok(Self {
            path: read.path(process)?,
            payload: match read {
                Read::Slot => Payload::Plain,
                _ => Payload::Json,
            },
            reading: read.reading(),
        })
    }

    /// Requests the JSON of any path, without a signature.
    pub fn json(path: String) -> Self {
        Self {
            path,
            payload: Payload::Json,
            reading: Reading::Json(None),
        }
    }

    /// Sends a message in HTTP's own form.
    pub fn http(path: String, message: HttpMessage<S::Item>) -> Self {
        Self {
            path,
            payload: Payload::Http(message),
            reading: Reading::Raw,
        }
    }

    /// Sends an item to any path.
    pub fn item(path: String, fields: ItemFields<S::Data>, signer: &'a S) -> Self {
        Self {
            path,
            payload: Payload::Item(fields, signer),
            reading: Reading::Raw,
        }
    }

    /// The same plan with another reply: [`Reply::Raw`](super::Reply::Raw), in the form that the node chooses.
    pub fn raw(mut self) -> Self {
        if matches!(self.payload, Payload::Json) {
            self.payload = Payload::Plain;
        }
        self.reading = Reading::Raw;
        self
    }

    /// The plan of [`Read::Slot`] with another reply: the slots of a page of results, [`Reply::Page`](super::Reply::Page).
    pub fn page(mut self, page: Page) -> Self {
        self.reading = Reading::Page(page);
        self
    }

    /// Whether the plan sends an item that has an anchor.
    pub(super) fn has_anchor(&self) -> bool {
        match (&self.payload, &self.reading) {
            (Payload::Item(fields, _), _) => fields.anchor.is_some(),
            (_, Reading::Scheduler(params, _)) => params.anchor.is_some(),
            _ => false,
        }
    }
}

impl<'a, S> Plan<'a, S>
where
    S: Signer,
    S::Data: From<&'static str>,
{
    /// Sends a message to a process.
    ///
    /// # Errors
    /// `BadId`, `BadTags`.
    pub fn message(message: Message<S::Data>, delivery: Delivery, signer: &'a S) -> Result<Self> {
        Ok(Self {
            path: format!("{}~process@1.0/{}", message.process, delivery.key()),
            payload: Payload::Item(ItemFields::of_message(message)?, signer),
            reading: Reading::Delivered,
        })
    }

    /// Creates a process.
    ///
    /// # Errors
    /// `BadArgument`, `BadId`, `BadTags`.
    pub fn spawn(params: SpawnParams<S::Data>, signer: &'a S) -> Result<Self> {
        Ok(match params.into_fields()? {
            Ok(fields) => Self {
                path: SPAWN.into(),
                payload: Payload::Item(fields, signer),
                reading: Reading::Process,
            },
            Err(params) => Self {
                path: ADDRESS.into(),
                payload: Payload::Plain,
                reading: Reading::Scheduler(params, signer),
            },
        })
    }

    /// Reads with a signed item. The item's process is the one to read.
    ///
    /// # Errors
    /// `BadId`, `BadTags`.
    pub fn signed_read(item: Message<S::Data>, read: Read, signer: &'a S) -> Result<Self> {
        let path = read.path(&item.process)?;
        let fields = match read {
            Read::Slot => ItemFields::plain(),
            _ => ItemFields::of_message(item),
        };
        Ok(Self {
            path,
            payload: Payload::SignedRead(fields?, signer),
            reading: read.reading(),
        })
    }
}

/// A path of keys. Characters that have a meaning in a path are escaped.
pub fn path_of(keys: &[String]) -> String {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    url::join("", &keys).split_off(usize::from(!keys.is_empty()))
}

/// Tags as keys of a request's path.
fn keys(tags: &[Tag]) -> String {
    tags.iter()
        .map(|tag| format!("&{}={}", part(&tag.name), part(&tag.value)))
        .collect()
}
