//! A view of a process: a replay with its anchor, which answers with proofs.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::compare::{Agreement, compare};
use super::cron::Moment;
use super::proof::{Age, AgeLimits, Anchor, Proof, Subject, Trusted, UnitAnswer, Unverifiable};
use super::record::{self, Head};
use super::replay::{ProcessFacts, Replay, ReplayEntry};
use super::slot_result::{Outcome, SlotResult};
use crate::arweave::Id;
use crate::compute::Module;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::ProcessInput;

/// A view of a process. It is advanced by verified entries, and can be written as one record.
pub struct View {
    replay: Replay,
    anchor: Anchor,
    trusted: BTreeSet<Trusted>,
    unverifiable: BTreeSet<Unverifiable>,
}

impl View {
    /// A view of a replay that has begun at `anchor`.
    pub fn new(replay: Replay, anchor: Anchor, trusted: impl IntoIterator<Item = Trusted>) -> Self {
        Self {
            replay,
            anchor,
            trusted: trusted.into_iter().collect(),
            unverifiable: BTreeSet::new(),
        }
    }

    /// Evaluates the next entry. See [`Replay::advance`].
    ///
    /// An assigned message that is to this process itself is listed as unverifiable, unless it is skipped: schedulers show such
    /// messages, and one that hides it changes what the module receives as `Anchor`. So is a message that a node's schedule has
    /// again: some nodes evaluate it again, and others skip it.
    ///
    /// # Errors
    /// As [`Replay::advance`].
    pub fn advance(&mut self, entry: &ReplayEntry, blocks: &[Moment]) -> Result<Vec<SlotResult>> {
        let is_repeated = self.replay.state().dedupe.is_repeated(&entry.message);
        let results = self.replay.advance(entry, blocks)?;
        let is_skipped = results.last().is_some_and(|result| result.outcome == Outcome::Skipped);
        if entry.message.assigned && !is_skipped && entry.input.target == self.replay.facts().id.to_string() {
            self.unverifiable.insert(Unverifiable {
                subject: Subject::Assigned,
                slot: entry.input.nonce,
                count: 1,
            });
        }
        if is_repeated {
            self.unverifiable.insert(Unverifiable {
                subject: Subject::Repeated,
                slot: entry.input.nonce,
                count: 1,
            });
        }
        Ok(results)
    }

    /// Evaluates the item of an old process. See [`Replay::start_old`]. No signature covers its time and its block height, which
    /// the module receives: they are listed as unverifiable.
    ///
    /// # Errors
    /// As [`Replay::start_old`].
    pub fn start_old(&mut self, item: &ProcessInput) -> Result<SlotResult> {
        let result = self.replay.start_old(item)?;
        self.unverifiable.insert(Unverifiable {
            subject: Subject::Assignment,
            slot: 0,
            count: 1,
        });
        Ok(result)
    }

    /// Evaluates messages of crons. See [`Replay::advance_crons`].
    ///
    /// # Errors
    /// As [`Replay::advance_crons`].
    pub fn advance_crons(&mut self, until: u64, blocks: &[Moment]) -> Result<Vec<SlotResult>> {
        self.replay.advance_crons(until, blocks)
    }

    /// Evaluates a message without effects. See [`Replay::dryrun`].
    ///
    /// # Errors
    /// As [`Replay::dryrun`].
    pub fn dryrun(&mut self, message: Map<String, Value>) -> Result<String> {
        self.replay.dryrun(message)
    }

    /// The value that the process has published at a path with `patch@1.0`. See [`Published::read`](super::Published::read).
    ///
    /// # Errors
    /// `NotFound`, `Unsupported`.
    pub fn published(&self, path: &str) -> Result<Value> {
        self.replay.state().published.read(path)
    }

    /// Adds a part that cannot be verified, or replaces the one of the same subject from the same slot on. Answers are not
    /// `verified` from then on.
    pub fn add_unverifiable(&mut self, part: Unverifiable) {
        let is_same = |other: &Unverifiable| (other.subject, other.slot) == (part.subject, part.slot);
        self.unverifiable.retain(|other| !is_same(other));
        self.unverifiable.insert(part);
    }

    /// Counts one more entry of a part that cannot be verified. `slot` is that of the entry.
    pub fn count_unverifiable(&mut self, subject: Subject, slot: u64) {
        let counted = self.unverifiable.iter().find(|part| part.subject == subject);
        let (slot, count) = counted.map_or((slot, 0), |part| (part.slot, part.count));
        let count = count + 1;
        self.add_unverifiable(Unverifiable { subject, slot, count });
    }

    /// Adds a party whose word the view takes.
    pub fn add_trusted(&mut self, party: Trusted) {
        self.trusted.insert(party);
    }

    /// What an answer at the last slot rests on. `now` is the time in milliseconds since 1970.
    ///
    /// # Errors
    /// `HeadTooOld`. `BadArgument` before the first entry.
    pub fn proof(&self, now: u64, limits: AgeLimits) -> Result<Proof> {
        let state = self.replay.state();
        let last = state.last.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::BadArgument,
                "The view has no entry yet, and so nothing to prove",
            )
        })?;
        let age = now.saturating_sub(last.moment.timestamp);
        if limits.judge(age) == Age::TooOld {
            let message = format!(
                "Slot {} is the newest that the scheduler shows, and {age} ms old. Ask another source, or allow a higher age: a \
                 process that rests has no newer slot",
                last.slot
            );
            return Err(Error::new(ErrorKind::HeadTooOld, message)
                .with_number("slot", last.slot as f64)
                .with_number("age", age as f64));
        }
        let mut unverifiable = self.unverifiable.clone();
        if state.ticks > 0 {
            unverifiable.insert(Unverifiable {
                subject: Subject::Cron,
                slot: state.first_tick.unwrap_or(last.slot),
                count: state.ticks,
            });
        }
        Ok(Proof {
            verified: unverifiable.is_empty(),
            slot: last.slot,
            assignment: last.assignment,
            timestamp: last.moment.timestamp,
            age,
            anchor: self.anchor.clone(),
            trusted: self.trusted.iter().cloned().collect(),
            unverifiable: unverifiable.into_iter().collect(),
            unit: UnitAnswer::NotAsked,
            other_order: false,
        })
    }

    pub fn replay(&self) -> &Replay {
        &self.replay
    }

    pub fn replay_mut(&mut self) -> &mut Replay {
        &mut self.replay
    }

    pub fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// Writes the view as one record: the process's memory, the last assignment, the chain, and what is known of messages.
    ///
    /// # Errors
    /// `OutOfMemory` where the process could not be restored after a failure.
    pub fn export(&mut self) -> Result<Vec<u8>> {
        self.export_as(0)
    }

    /// Writes the record with a number that rises with each.
    pub(super) fn export_as(&mut self, generation: u64) -> Result<Vec<u8>> {
        let snapshot = self.replay.process_mut().snapshot()?;
        let state = self.replay.state();
        let head = Head {
            process: self.replay.facts().id,
            generation,
            state: state.clone(),
            anchor: self.anchor.clone(),
            trusted: self.trusted.clone(),
            unverifiable: self.unverifiable.clone(),
        };
        record::write(&head, &state.dedupe, &snapshot)
    }

    /// Reads what [`export`](Self::export) wrote. The proofs of the view name the record among what is trusted: nothing in it
    /// shows that it was computed, and not made up.
    ///
    /// # Errors
    /// `ViewDamaged` for other bytes, and for a view of another process or module.
    pub fn import(module: &Module, environment: &str, facts: ProcessFacts, record: &[u8]) -> Result<Self> {
        Ok(Self::read(module, environment, facts, record)?.0)
    }

    /// As `import`. Returns the record's number too.
    pub(super) fn read(module: &Module, environment: &str, facts: ProcessFacts, record: &[u8]) -> Result<(Self, u64)> {
        let (head, snapshot) = record::read(record)?;
        if head.process != facts.id {
            let what = format!("it is of the process {}", head.process);
            return Err(record::damaged(&facts.id, &what));
        }
        let process = module.resume(environment, snapshot).map_err(|error| {
            let damaged = record::damaged(&facts.id, error.message());
            match error.kind() {
                ErrorKind::BadSnapshot => damaged,
                _ => error,
            }
        })?;
        let mut trusted = head.trusted;
        if let Some(last) = &head.state.last {
            trusted.retain(|party| !matches!(party, Trusted::KeptView(_)));
            trusted.insert(Trusted::KeptView(last.slot));
        }
        let view = Self {
            replay: Replay::resume(process, facts, head.state)?,
            anchor: head.anchor,
            trusted,
            unverifiable: head.unverifiable,
        };
        Ok((view, head.generation))
    }
}

/// Compares a computed result with a unit's for the same message.
///
/// # Errors
/// `Mismatch` where a member differs. `BadResponse` where the unit's text is no result.
pub fn require_agreement(slot: u64, computed: &str, outcome: Outcome, unit: &str) -> Result<Agreement> {
    match compare(computed, outcome, unit)? {
        Agreement::Differs(member) => {
            let message = format!(
                "The unit's result of slot {slot} differs from the computed one in \"{member}\". Do not trust the unit's answer: \
                 the computed one follows from the signed schedule"
            );
            Err(Error::new(ErrorKind::Mismatch, message)
                .with_number("slot", slot as f64)
                .with_text("member", member))
        }
        agreement => Ok(agreement),
    }
}

/// The process of a view that does not exist yet in a store, for errors.
pub(super) fn process_of(view: &View) -> Id {
    view.replay.facts().id
}
