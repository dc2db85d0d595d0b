//! The order of a HyperBEAM node's schedule: slots without gaps, and the chain.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::failure::failure;
use super::node_commitment::NodeCheck;
use super::{NodeEntry, NodeMessage, Subject, Unverifiable, text_id};
use crate::arweave::{Id, from_base64url, to_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::hash_chain::next_node_chain;

/// Verifies the messages and the chain of a node's schedule, from slot 0 on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeChain {
    #[serde(with = "text_id")]
    process: Id,
    next: u64,
    last: Option<Last>,
    /// The addresses that may sign assignments. Empty before slot 0: the process names them.
    #[serde(with = "text_id::list")]
    schedulers: Vec<Id>,
    /// The first slot whose assignment is not signed, and how many are not.
    unsigned: Option<(u64, u64)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Last {
    /// The chain of nodes of 2025.
    Hash(#[serde(with = "text_id")] Id),
    /// The `base-hashpath` of nodes since version 0.9, and the ids that the assignment can have.
    Path(String, #[serde(with = "text_id::list")] Vec<Id>),
}

impl NodeChain {
    /// What a node is trusted for, even where everything verifies.
    pub const TRUSTED: [&'static str; 3] = ["assignments", "timestamps", "block-heights"];

    /// Begins with slot 0.
    pub fn from_genesis(process: Id) -> Self {
        Self {
            process,
            next: 0,
            last: None,
            schedulers: Vec::new(),
            unsigned: None,
        }
    }

    /// Sets the addresses that may sign assignments. By default, they are those that the process names.
    #[must_use]
    pub fn with_schedulers(mut self, schedulers: Vec<Id>) -> Self {
        self.schedulers = schedulers;
        self
    }

    /// The process whose schedule it is.
    pub fn process(&self) -> Id {
        self.process
    }

    /// The slot that must come next.
    pub fn next_slot(&self) -> u64 {
        self.next
    }

    /// The addresses that may sign assignments. Empty before slot 0.
    pub fn schedulers(&self) -> &[Id] {
        &self.schedulers
    }

    /// The assignments without a signature, for a proof. `None` where there are none.
    pub fn unverifiable(&self) -> Option<Unverifiable> {
        self.unsigned.map(|(slot, count)| Unverifiable {
            subject: Subject::Assignment,
            slot,
            count,
        })
    }

    /// Verifies the next entry. Returns the message's id. The chain stays where it was after an error.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify).
    pub fn advance(&mut self, entry: &NodeEntry) -> Result<Id> {
        self.verify(entry).map(|(message, _)| message.id)
    }

    /// As [`advance`](Self::advance). Returns the message, and what the assignment's commitment is worth.
    ///
    /// # Errors
    /// `VerifyProcess`, `VerifyGap`, `VerifyMessage`, `VerifySignature`, `VerifyScheduler`, `VerifyChain`; `Unsupported` for a schedule without
    /// a chain, and for a message that is no data item.
    pub fn verify(&mut self, entry: &NodeEntry) -> Result<(NodeMessage, NodeCheck)> {
        if entry.process != self.process.to_string() {
            let what = format!("is of the process {}, and not of {}", entry.process, self.process);
            return Err(failure(ErrorKind::VerifyProcess, entry.slot, &what));
        }
        if entry.slot != self.next {
            let what = format!("is in the place of slot {}", self.next);
            return Err(failure(ErrorKind::VerifyGap, entry.slot, &what));
        }
        let mut messages = entry.messages()?;
        if entry.slot == 0 {
            messages.retain(|message| message.id == self.process);
        }
        if messages.is_empty() {
            let what = "has another message than the process";
            return Err(failure(ErrorKind::VerifyMessage, entry.slot, what));
        }
        let (last, place) = match (&entry.hash_chain, &entry.base_hashpath) {
            (Some(stated), _) => {
                let mut ids = messages.iter().map(|message| &message.id);
                let fits = ids.position(|id| self.continues(id, stated));
                let (Some(place), Ok(chain)) = (fits, Id::parse(stated, "hash-chain")) else {
                    return Err(broken(entry.slot));
                };
                (Last::Hash(chain), place)
            }
            (None, Some(stated)) => {
                let mut ids = messages.iter().map(|message| &message.id);
                let place = ids.position(|id| entry.check_commitment(id).is_ok());
                (self.next_path(entry, stated)?, place.unwrap_or(0))
            }
            (None, None) => {
                let message = "The node's assignments have neither a \"hash-chain\" nor a \"base-hashpath\", so that their \
                               order cannot be verified. Use another node";
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
        };
        let message = messages.swap_remove(place);
        let named;
        let schedulers = match self.schedulers.is_empty() {
            true => {
                named = schedulers_of(entry.slot, &message)?;
                &named
            }
            false => &self.schedulers,
        };
        let check = entry.check_commitment(&message.id)?;
        match check {
            NodeCheck::Signed(signer) if !schedulers.contains(&signer) => {
                let what = format!("is signed by {signer}, which is no scheduler of the process");
                return Err(failure(ErrorKind::VerifyScheduler, entry.slot, &what));
            }
            NodeCheck::Signed(_) => {}
            NodeCheck::Unsigned => {
                let (_, count) = self.unsigned.get_or_insert((entry.slot, 0));
                *count += 1;
            }
        }
        if self.schedulers.is_empty() {
            self.schedulers = schedulers.clone();
        }
        self.last = Some(last);
        self.next += 1;
        Ok((message, check))
    }

    /// Whether this is the chain of 2025 up to a message.
    fn continues(&self, message: &Id, stated: &str) -> bool {
        let previous = match &self.last {
            None => None,
            Some(Last::Hash(chain)) => Some(chain),
            Some(Last::Path(..)) => return false,
        };
        let chain = next_node_chain(previous, message);
        // After a restart, a node hashes the text of the previous chain, and not its bytes.
        let restarted = previous.map(|previous| {
            let text = [previous.to_string(), message.to_string()].concat();
            Id::of(text.as_bytes())
        });
        let mut candidates = [Some(chain), restarted].into_iter().flatten();
        candidates.any(|chain| chain.to_string() == stated)
    }

    /// Checks a `base-hashpath`: the process in slot 0, `process/A0` in slot 1, and then `hash/A(n-1)`, where the hash is that of
    /// the two parts of the `base-hashpath` before, and A the id of an assignment.
    fn next_path(&self, entry: &NodeEntry, stated: &str) -> Result<Last> {
        let continues = match &self.last {
            None => stated == self.process.to_string(),
            Some(Last::Path(base, assignments)) => stated.rsplit_once('/').is_some_and(|(path, last)| {
                folded(base).as_deref() == Some(path) && assignments.iter().any(|id| id.to_string() == last)
            }),
            Some(Last::Hash(_)) => false,
        };
        match continues {
            true => Ok(Last::Path(stated.into(), entry.assignment_ids())),
            false => Err(broken(entry.slot)),
        }
    }
}

/// The addresses that a process names as its schedulers, separated by commas.
fn schedulers_of(slot: u64, process: &NodeMessage) -> Result<Vec<Id>> {
    // Only what is signed counts.
    let named = ["scheduler", "scheduler-location"]
        .into_iter()
        .find_map(|name| process.tag(name));
    let ids = named.unwrap_or_default().split(',');
    let ids: Vec<Id> = ids.filter_map(|id| Id::parse(id.trim(), "scheduler").ok()).collect();
    match ids.is_empty() {
        false => Ok(ids),
        true => Err(failure(
            ErrorKind::VerifyProcess,
            slot,
            "has a process that names no scheduler",
        )),
    }
}

fn broken(slot: u64) -> Error {
    let what = "does not continue the hash chain of the slot before it";
    failure(ErrorKind::VerifyChain, slot, what)
}

/// The first part of the next `base-hashpath`: the process itself, or the hash of both parts.
fn folded(base: &str) -> Option<String> {
    let Some((one, other)) = base.split_once('/') else {
        return Some(base.into());
    };
    let hash = Sha256::new()
        .chain_update(from_base64url(one)?)
        .chain_update(from_base64url(other)?);
    Some(to_base64url(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_keeps_the_process_and_hashes_two_parts() {
        let (one, two) = (Id::of(b"1"), Id::of(b"2"));
        assert_eq!(folded(&one.to_string()), Some(one.to_string()));
        let both = [*one.as_bytes(), *two.as_bytes()].concat();
        assert_eq!(folded(&format!("{one}/{two}")), Some(Id::of(&both).to_string()));
        assert_eq!(folded("!/!"), None);
    }
}
