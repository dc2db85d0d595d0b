//! Checkpoints: a process's memory at a slot, as a compute unit stored it on Arweave.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Anchor, CheckpointAnchor, Entry, Gateway, ItemParts, Moment, Position, Published, ReplayState, check_assignment,
};
use crate::arweave::Id;
use crate::compute::deflate::{GZIP_MAGIC, GunzipError, gunzip_unchecked};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, PlatformCrypto, Timers};
use crate::protocol::{JsonTree, TextTag};
use crate::signer::hexadecimal;

const CHECKPOINTS: &str = "query GetCheckpoints($process: [String!]!, $owners: [String!]!) { transactions(owners: $owners, \
    first: 50, sort: HEIGHT_DESC, tags: [{ name: \"Process\", values: $process }, \
    { name: \"Type\", values: [\"Checkpoint\"] }, { name: \"Data-Protocol\", values: [\"ao\"] }]) { \
    edges { node { id tags { name value } } } } }";

/// Which checkpoint is believed. Everything up to its slot is the word of its signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckpointTrust {
    /// The newest checkpoint of one of these addresses.
    Owners(Vec<Id>),
    /// One checkpoint, whose uncompressed memory has this SHA-256. Its signer may be any.
    Pinned { id: Id, sha256: [u8; 32] },
}

/// A checkpoint whose signature, tags and memory are verified.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    pub id: Id,
    /// The address of the signer.
    pub signer: Id,
    pub process: Id,
    pub module: Id,
    /// The last slot that was evaluated. Later slots may have been skipped.
    pub slot: u64,
    /// Milliseconds since 1970.
    pub timestamp: u64,
    pub block_height: u64,
    /// The assignment that `Assignment` and `Hash-Chain` name. It can be of a later slot than [`slot`](Self::slot).
    pub link: Option<(Id, Id)>,
    /// The memory, uncompressed.
    pub memory: Vec<u8>,
    /// SHA-256 of the memory.
    pub sha256: [u8; 32],
}

impl Checkpoint {
    /// Verifies that it is of this module.
    ///
    /// # Errors
    /// `VerifyCheckpoint`.
    pub(super) fn check_module(&self, module: &Id) -> Result<()> {
        match self.module == *module {
            true => Ok(()),
            false => Err(wrong(&self.id, &format!("is of the module {}", self.module))),
        }
    }

    /// Verifies that the memory has the stated hash. `crypto` is the platform's, where that is faster.
    ///
    /// # Errors
    /// `VerifyCheckpoint`.
    pub(super) async fn check_memory(&self, crypto: Option<&dyn PlatformCrypto>) -> Result<()> {
        let hash = match crypto {
            Some(crypto) => crypto.sha256(&self.memory).await,
            None => None,
        };
        match hash.unwrap_or_else(|| Sha256::digest(&self.memory).into()) == self.sha256 {
            true => Ok(()),
            false => Err(wrong(&self.id, "has other memory than its tag \"SHA-256\" says")),
        }
    }

    /// Finds the entry behind which a replay continues: the one that the checkpoint names, and otherwise that of its slot.
    ///
    /// The entry that it names can be a later one: the unit has skipped the slots up to it, and a replay must not evaluate
    /// them. `entries` begin with the slot of the checkpoint. The chain of the schedule up to the entry is not needed: the
    /// scheduler has signed it with the entry.
    ///
    /// # Errors
    /// `VerifyCheckpoint` where the schedule does not show the entry. Those of [`check_assignment`].
    pub fn last_entry<'a>(&self, scheduler: &Id, entries: &'a [Entry]) -> Result<&'a Entry> {
        let entry = match self.link {
            Some((assignment, _)) => entries.iter().find(|entry| entry.assignment.id == assignment),
            None => entries.iter().find(|entry| entry.slot == self.slot),
        };
        let entry = entry.filter(|entry| entry.slot >= self.slot && entry.slot == entry.assignment.nonce);
        let entry = entry.ok_or_else(|| wrong(&self.id, "names an assignment that the schedule does not show"))?;
        check_assignment(&entry.assignment, &self.process, scheduler)?;
        if self.link.is_some_and(|(_, chain)| chain != entry.assignment.hash_chain) {
            return Err(wrong(&self.id, "names another hash chain than the schedule"));
        }
        Ok(entry)
    }

    /// The state of a replay that continues behind an entry, which [`last_entry`](Self::last_entry) has found. `origin` is the
    /// moment of the first entry, from which crons count.
    pub fn state(&self, entry: &Entry, origin: Moment) -> ReplayState {
        let assignment = &entry.assignment;
        ReplayState {
            last: Some(Position {
                slot: entry.slot,
                assignment: assignment.id,
                chain: assignment.hash_chain.to_string(),
                moment: Moment {
                    timestamp: assignment.timestamp,
                    block_height: assignment.block_height,
                },
            }),
            evaluated: Some(Moment {
                timestamp: self.timestamp,
                block_height: self.block_height,
            }),
            origin: Some(origin),
            published: Published::partial(),
            ..ReplayState::default()
        }
    }

    /// Refuses a checkpoint that is older than a limit. `now` and `limit` are in milliseconds.
    ///
    /// # Errors
    /// `CheckpointTooOld`.
    pub fn check_age(&self, now: u64, limit: u64) -> Result<()> {
        let age = now.saturating_sub(self.timestamp);
        if age <= limit {
            return Ok(());
        }
        let message = format!(
            "The newest checkpoint is of slot {}, and {age} ms old. Trust further signers, allow a higher age, or start from slot 0",
            self.slot
        );
        Err(Error::new(ErrorKind::CheckpointTooOld, message)
            .with_number("slot", self.slot as f64)
            .with_number("age", age as f64))
    }

    /// What a proof says of the checkpoint.
    pub fn anchor(&self) -> Anchor {
        Anchor::Checkpoint(CheckpointAnchor {
            id: self.id,
            owner: self.signer.to_string(),
            slot: self.slot,
            sha256: hexadecimal(&self.sha256),
        })
    }
}

impl<H: Http + Clock + Timers, D: Download> Gateway<'_, H, D> {
    /// Finds the checkpoint to start from, and verifies it: signer, signature, process, module and memory.
    ///
    /// `limit` is the most bytes of memory that are read.
    ///
    /// # Errors
    /// `NoCheckpoint`, `VerifyCheckpoint`, and those of [`item`](Self::item).
    pub async fn checkpoint(
        &self,
        process: &Id,
        module: &Id,
        trust: &CheckpointTrust,
        limit: usize,
    ) -> Result<Checkpoint> {
        let checkpoint = self.unhashed_checkpoint(process, trust, limit).await?;
        checkpoint.check_module(module)?;
        checkpoint.check_memory(None).await?;
        Ok(checkpoint)
    }

    /// As [`checkpoint`](Self::checkpoint), before its module and its memory are compared. The caller calls
    /// [`check_module`](Checkpoint::check_module) and [`check_memory`](Checkpoint::check_memory) before anything follows from it.
    pub(super) async fn unhashed_checkpoint(
        &self,
        process: &Id,
        trust: &CheckpointTrust,
        limit: usize,
    ) -> Result<Checkpoint> {
        let id = match trust {
            CheckpointTrust::Pinned { id, .. } => *id,
            CheckpointTrust::Owners(owners) => self.newest_checkpoint(process, owners).await?,
        };
        let item = self.item(&id).await?;
        let checkpoint = checkpoint_of(item, limit)?;
        match trust {
            CheckpointTrust::Owners(owners) if !owners.contains(&checkpoint.signer) => {
                return Err(wrong(&id, "is signed by another address than those you trust"));
            }
            CheckpointTrust::Pinned { sha256, .. } if *sha256 != checkpoint.sha256 => {
                return Err(wrong(&id, "has other memory than the pinned hash says"));
            }
            _ => {}
        }
        if checkpoint.process != *process {
            return Err(wrong(&id, &format!("is of the process {}", checkpoint.process)));
        }
        Ok(checkpoint)
    }

    /// The id of the newest checkpoint that the gateway lists for these owners. The list itself is not verified.
    async fn newest_checkpoint(&self, process: &Id, owners: &[Id]) -> Result<Id> {
        let owners: Vec<_> = owners.iter().map(Id::to_string).collect();
        let variables = json!({ "process": [process.to_string()], "owners": owners });
        // Without owners the gateway would list everybody's.
        let edges = match owners.is_empty() {
            true => Vec::new(),
            false => {
                let query = json!({ "query": CHECKPOINTS, "variables": variables });
                self.client.query_transactions(query.to_string()).await?
            }
        };
        let slot_and_id = |edge: &JsonTree| {
            let node = edge.get("node")?;
            let id = Id::parse(node.get("id")?.text()?, "id").ok()?;
            let tags = node.get("tags")?.tags();
            Some((value_of(&tags, "Nonce")?.parse::<u64>().ok()?, id))
        };
        let listed = edges.iter().filter_map(slot_and_id);
        listed.max_by_key(|(slot, _)| *slot).map(|(_, id)| id).ok_or_else(|| {
            let message = format!(
                "The gateway lists no checkpoint of the process {process} by an address that you trust. Name other addresses, or \
                 start from slot 0"
            );
            Error::new(ErrorKind::NoCheckpoint, message)
        })
    }

    /// Reads a module and verifies it by its id and its signature. Returns the item, whose data is the WebAssembly.
    ///
    /// # Errors
    /// `VerifyModule` for an item that is not the module with this id; `NotFound`; those of the requests.
    pub async fn module(&self, id: &Id) -> Result<ItemParts> {
        self.module_with(id, self.data(id).await?).await
    }

    /// As [`module`](Self::module), with its bytes at hand.
    ///
    /// # Errors
    /// As [`module`](Self::module).
    pub async fn module_with(&self, id: &Id, data: Vec<u8>) -> Result<ItemParts> {
        let item = self.item_with(id, data).await.map_err(|error| match error.kind() {
            ErrorKind::VerifyData => {
                Error::new(ErrorKind::VerifyModule, error.message()).with_text("id", id.to_string())
            }
            _ => error,
        })?;
        if item.tag("Type") != Some("Module") {
            let message = format!("The item {id} is not a module. Check the process's tag \"Module\"");
            return Err(Error::new(ErrorKind::VerifyModule, message).with_text("id", id.to_string()));
        }
        Ok(item)
    }
}

/// Reads a checkpoint whose signature is verified. Its memory is not hashed yet.
fn checkpoint_of(item: ItemParts, limit: usize) -> Result<Checkpoint> {
    let id = item.id();
    let text = |name: &str| {
        item.tag(name)
            .ok_or_else(|| wrong(&id, &format!("has no tag \"{name}\"")))
    };
    let malformed = |name: &str| wrong(&id, &format!("has a tag \"{name}\" that cannot be read"));
    let number = |name: &str| text(name)?.parse().map_err(|_| malformed(name));
    let id_in = |name: &str| Id::parse(text(name)?, name).map_err(|_| malformed(name));
    if text("Type")? != "Checkpoint" {
        return Err(wrong(&id, "is another type of item"));
    }
    let link = match (item.tag("Assignment"), item.tag("Hash-Chain")) {
        (Some(_), Some(_)) => Some((id_in("Assignment")?, id_in("Hash-Chain")?)),
        _ => None,
    };
    let sha256 = hash_in(text("SHA-256")?).ok_or_else(|| malformed("SHA-256"))?;
    Ok(Checkpoint {
        id,
        signer: Id::of(&item.owner),
        process: id_in("Process")?,
        module: id_in("Module")?,
        slot: number("Nonce")?,
        timestamp: number("Timestamp")?,
        block_height: number("Block-Height")?,
        link,
        memory: unpacked(&id, &item.data, limit)?,
        sha256,
    })
}

/// The memory. A gateway that has unpacked it cannot be used: the signature is over the compressed data.
fn unpacked(id: &Id, data: &[u8], limit: usize) -> Result<Vec<u8>> {
    let too_long = || wrong(id, &format!("has more than {limit} bytes of memory"));
    if !data.starts_with(&GZIP_MAGIC) {
        return match data.len() <= limit {
            true => Ok(data.to_vec()),
            false => Err(too_long()),
        };
    }
    gunzip_unchecked(data, limit).map_err(|error| match error {
        GunzipError::TooLong => too_long(),
        GunzipError::Damaged => wrong(id, "has memory that cannot be unpacked"),
    })
}

/// Reads a hash in hexadecimal.
fn hash_in(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? << 4 | digit(*low)?) as u8);
    let bytes: Vec<u8> = pairs.iter().map(byte).collect::<Option<_>>()?;
    bytes.try_into().ok().filter(|_| rest.is_empty())
}

fn value_of<'a>(tags: &'a [TextTag], name: &str) -> Option<&'a str> {
    let found = tags.iter().find(|tag| tag.name == name);
    found.map(|tag| tag.value.as_str())
}

fn wrong(id: &Id, what: &str) -> Error {
    let message = format!("The checkpoint {id} {what}. Use another checkpoint, or start from slot 0");
    Error::new(ErrorKind::VerifyCheckpoint, message).with_text("id", id.to_string())
}
