//! The order of a schedule: slots without gaps, and the hash chain.

use super::Entry;
use super::assignment;
use super::failure::failure;
use crate::arweave::Id;
use crate::error::{ErrorKind, Result};
use crate::protocol::hash_chain::{first_chain, next_chain};

/// The block from which on every process's chain is right. A fault of earlier schedulers broke chains.
const SOUND_CHAINS: u64 = 1_440_000;

/// A verified place in a schedule: everything up to this slot follows from this assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainLink {
    pub slot: u64,
    pub assignment: Id,
    pub hash_chain: Id,
}

/// Verifies the assignments of a process one after another.
#[derive(Debug, Clone)]
pub struct Chain {
    process: Id,
    scheduler: Id,
    last: Option<Last>,
    /// Whether breaks of the chain are listed and not refused.
    lenient: bool,
    broken: Vec<u64>,
}

#[derive(Debug, Clone, Copy)]
enum Last {
    Link(ChainLink),
    /// Only the slot is known: a checkpoint that names no assignment.
    Slot(u64),
}

impl Chain {
    /// Begins with slot 0.
    pub fn from_genesis(process: Id, scheduler: Id) -> Self {
        Self {
            process,
            scheduler,
            last: None,
            lenient: false,
            broken: Vec::new(),
        }
    }

    /// Continues behind an assignment that was verified earlier, or that a checkpoint names.
    pub fn after(process: Id, scheduler: Id, link: ChainLink) -> Self {
        Self {
            last: Some(Last::Link(link)),
            ..Self::from_genesis(process, scheduler)
        }
    }

    /// Continues behind a slot whose assignment is not known. The chain is checked from the second entry on.
    pub fn after_slot(process: Id, scheduler: Id, slot: u64) -> Self {
        Self {
            last: Some(Last::Slot(slot)),
            ..Self::from_genesis(process, scheduler)
        }
    }

    /// Of a process that began at this block. Breaks of the chain of an old one are listed and not refused.
    #[must_use]
    pub fn begun_at(mut self, block_height: u64) -> Self {
        self.lenient = block_height < SOUND_CHAINS;
        self
    }

    /// The slot that must come next.
    pub fn next_slot(&self) -> u64 {
        match self.last {
            None => 0,
            Some(Last::Link(ChainLink { slot, .. }) | Last::Slot(slot)) => slot.saturating_add(1),
        }
    }

    /// The address that must sign assignments.
    pub fn scheduler(&self) -> Id {
        self.scheduler
    }

    /// The newest assignment that was verified.
    pub fn head(&self) -> Option<ChainLink> {
        match self.last {
            Some(Last::Link(link)) => Some(link),
            _ => None,
        }
    }

    /// The slots at which the chain of an old process is broken. Their order cannot be verified.
    pub fn broken(&self) -> &[u64] {
        &self.broken
    }

    /// Verifies the next entry's assignment, and that it follows the one before.
    ///
    /// # Errors
    /// `VerifyProcess`, `VerifyScheduler`, `VerifySignature`, `VerifyGap`, `VerifyChain`. The chain then stays where it was.
    pub fn advance(&mut self, entry: &Entry) -> Result<()> {
        self.advance_with(entry, false)
    }

    /// As [`advance`](Self::advance). `is_signed`: the assignment's signature is verified already.
    pub(super) fn advance_with(&mut self, entry: &Entry, is_signed: bool) -> Result<()> {
        let assignment = &entry.assignment;
        assignment::check_with(assignment, &self.process, &self.scheduler, is_signed)?;
        let expected = self.next_slot();
        if entry.slot != expected || assignment.nonce != expected {
            let what = format!("is in the place of slot {expected}");
            return Err(failure(ErrorKind::VerifyGap, entry.slot, &what).with_number("expected", expected as f64));
        }
        let chain = match &self.last {
            None => Some(first_chain(&self.process)),
            Some(Last::Link(link)) => Some(next_chain(&link.assignment, &link.hash_chain)),
            Some(Last::Slot(_)) => None,
        };
        let lenient = self.lenient || self.last.is_none() && assignment.block_height < SOUND_CHAINS;
        if chain.is_some_and(|chain| chain != assignment.hash_chain) {
            if !lenient {
                let what = "does not continue the hash chain of the slot before it";
                return Err(failure(ErrorKind::VerifyChain, entry.slot, what));
            }
            self.broken.push(entry.slot);
        }
        self.lenient = lenient;
        self.last = Some(Last::Link(ChainLink {
            slot: entry.slot,
            assignment: assignment.id,
            hash_chain: assignment.hash_chain,
        }));
        Ok(())
    }
}
