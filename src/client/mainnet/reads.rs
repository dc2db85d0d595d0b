//! What a node is asked: results, dryruns, slots and state. All of it is served unsigned; a node that wants to know who
//! asks gets a signed item instead.

use super::{Mainnet, NoSigner, NodeResponse, Payload};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::client::Message;
use crate::client::url::{self, part};
use crate::error::Result;
use crate::platform::{Http, Random};
use crate::protocol::Json;
use crate::signer::Signer;

/// Something that is read of a process, each with its path.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// What it answered to the message in this slot. The node's answer holds the evaluation that legacy units give: see
    /// [`Evaluation::within`](crate::protocol::Evaluation::within).
    Result(u64),
    /// What it would answer to a message with these tags. Nothing is kept.
    Dryrun(Vec<Tag>),
    /// The slot of its newest message: a number that stands alone.
    Slot,
    /// A part of its state, or what it published with `patch@1.0`; `path` is what stands behind it, and is empty
    /// for the whole.
    State { path: String, at: StateAt },
}

/// Of which point in time a process's state is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateAt {
    /// After its newest message, which may have to be evaluated first.
    Now,
    /// As far as the node has evaluated it.
    Computed,
    /// After the message in this slot.
    Slot(u64),
}

impl Read {
    /// The slot that the answer must be of. Not of a part of a state: a process may publish a `slot` of its own there.
    pub fn slot(&self) -> Option<u64> {
        match self {
            Self::Result(slot) => Some(*slot),
            Self::State {
                path,
                at: StateAt::Slot(slot),
            } if path.is_empty() => Some(*slot),
            _ => None,
        }
    }

    /// # Errors
    /// `BadResponse` for an answer that is of another slot.
    fn check(&self, answer: &NodeResponse) -> Result<()> {
        self.slot().map_or(Ok(()), |slot| answer.check_slot(slot))
    }

    /// Where a node answers it.
    ///
    /// # Errors
    /// `BadId` when the process's id is none.
    pub fn path(&self, process: &str) -> Result<String> {
        Id::parse(process, "Target")?;
        Ok(match self {
            // `compute/results=N` is the newest result, whatever N is.
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
}

impl<H: Http + Random> Mainnet<H> {
    /// Reads without a signature.
    ///
    /// # Errors
    /// `BadId`; `HttpNetwork`, `HttpStatus`, `BadResponse`. A state that is not there is an `HttpStatus` with 404.
    pub async fn read(&self, process: &str, read: &Read) -> Result<Json> {
        let answer = self
            .ask::<NoSigner<H::Item>>(&read.path(process)?, Payload::Json)
            .await?;
        read.check(&answer)?;
        match read {
            Read::State { .. } => answer.state(),
            _ => answer.json(),
        }
    }

    /// The slot of a process's newest message.
    ///
    /// # Errors
    /// As of other reads.
    pub async fn slot(&self, process: &str) -> Result<u64> {
        self.ask::<NoSigner<H::Item>>(&Read::Slot.path(process)?, Payload::Plain)
            .await?
            .slot()
    }

    /// Reads with a signed item, for nodes that want to know who asks. A dryrun's tags are in its path; its data is the
    /// item's.
    ///
    /// # Errors
    /// As without a signature, and whatever is wrong with the signing.
    pub async fn read_signed<S>(&self, read: &Read, item: Message<S::Data>, signer: &S) -> Result<Json>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        let path = read.path(&item.process)?;
        let answer = self.ask(&path, Payload::SignedRead(item.fields()?, signer)).await?;
        read.check(&answer)?;
        answer.json()
    }
}

/// A path of keys, whatever characters they have.
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
