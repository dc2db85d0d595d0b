//! Evaluates a schedule message by message, with the rules of a compute unit.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::cron::{Gap, Moment, Tick, ticks};
use super::dedupe::Fingerprint;
use super::failure::failure;
use super::node_chain::NodeChain;
use super::position::{Position, ReplayState};
use super::slot_result::{Outcome, SlotResult};
use crate::arweave::Id;
use crate::compute::{Process, SKIPPED_RESULT, failed_result, unit_result};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Cron, CronInput, ProcessInput, ScheduledInput, TextTag, dryrun_input};

/// A verified entry of a schedule, with the values that the module receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayEntry {
    pub assignment: Id,
    pub message: Fingerprint,
    /// Whether the schedule may show a message again, as those of HyperBEAM nodes. It is evaluated again then.
    pub may_repeat: bool,
    pub input: ScheduledInput,
}

/// What a process's own item says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessFacts {
    pub id: Id,
    /// The address of the process's owner.
    pub owner: String,
    pub tags: Vec<TextTag>,
}

/// The replay of one process's schedule.
///
/// The caller verifies the entries before it passes them. After an error the replay has the state from before the entry,
/// and the caller may pass the same entry again.
pub struct Replay {
    process: Process,
    facts: ProcessFacts,
    crons: Rc<[Cron]>,
    state: ReplayState,
}

impl Replay {
    /// Starts before the first message. `process` is an instance that has evaluated nothing.
    ///
    /// # Errors
    /// `Unsupported` for a process with a tag `Cron-Tag-…` before its first `Cron-Interval`: no compute unit evaluates it.
    pub fn start(process: Process, facts: ProcessFacts) -> Result<Self> {
        Self::resume(process, facts, ReplayState::default())
    }

    /// Continues after the messages that `state` describes. `process` has evaluated them.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn resume(process: Process, facts: ProcessFacts, state: ReplayState) -> Result<Self> {
        if let Some(name) = Cron::stray_tag(&facts.tags) {
            let message = format!(
                "Process {} cannot be evaluated: its tag {name} has no Cron-Interval before it. Compute units evaluate none of \
                 its messages either",
                facts.id
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        Ok(Self {
            crons: Cron::parse(&facts.tags).into(),
            process,
            facts,
            state,
        })
    }

    /// Evaluates the item of an old process, whose schedule does not begin with it. Its result is in no slot.
    ///
    /// # Errors
    /// `BadArgument` after the first message. Those of the evaluation.
    pub fn start_old(&mut self, item: &ProcessInput) -> Result<SlotResult> {
        if !self.is_new() {
            return Err(Error::new(
                ErrorKind::BadArgument,
                "The item of an old process comes before its first message",
            ));
        }
        let moment = Moment {
            timestamp: item.timestamp,
            block_height: item.block_height,
        };
        let (result, outcome) = self.evaluate(&item.to_json(), Outcome::Evaluated)?;
        self.state.origin = Some(moment);
        self.state.evaluated = Some(moment);
        Ok(SlotResult::unscheduled(moment, outcome, result))
    }

    /// Evaluates the next entry, and before it the messages of crons that are due. `blocks` are the blocks since the entry
    /// before, as the gateway dates them; a process without crons needs none.
    ///
    /// # Errors
    /// `VerifyGap` for an entry that is not the next one. `VerifyMessage` for a message that an earlier slot has. Those of the evaluation: `Stopped`, `OutOfMemory`, `OutOfGas`
    /// and others, where this machine cannot decide what the result is.
    pub fn advance(&mut self, entry: &ReplayEntry, blocks: &[Moment]) -> Result<Vec<SlotResult>> {
        let input = &entry.input;
        let expected = self.next_slot();
        if input.nonce != expected {
            let what = format!("is not the next one, which is {expected}");
            return Err(failure(ErrorKind::VerifyGap, input.nonce, &what));
        }
        if !entry.may_repeat && self.state.dedupe.is_repeated(&entry.message) {
            let what = "shows a message that an earlier slot has. Schedulers only name such a message";
            return Err(failure(ErrorKind::VerifyMessage, input.nonce, what));
        }
        let mut results = self.advance_crons(input.timestamp, blocks)?;
        let moment = Moment {
            timestamp: input.timestamp,
            block_height: input.block_height,
        };
        let (result, outcome) = match self.state.dedupe.skips(&entry.message) {
            true => (SKIPPED_RESULT.to_owned(), Outcome::Skipped),
            false => {
                let evaluated = self.evaluate(&input.to_json(), Outcome::Evaluated)?;
                self.state.dedupe.insert(&entry.message);
                self.state.evaluated = Some(moment);
                evaluated
            }
        };
        self.state.origin.get_or_insert(moment);
        self.state.last_tick = None;
        self.state.last = Some(Position {
            slot: input.nonce,
            assignment: entry.assignment,
            chain: input.hash_chain.clone(),
            moment,
        });
        results.push(SlotResult {
            slot: Some(input.nonce),
            message: Some(entry.message.message.to_string()),
            assignment: Some(entry.assignment.to_string()),
            assigned: entry.message.assigned,
            moment,
            outcome,
            result,
        });
        Ok(results)
    }

    /// Evaluates the messages of crons that are due before a time, which the scheduler's clock has reached.
    ///
    /// # Errors
    /// `Unsupported` for too many messages, and where messages were evaluated for a later time. Those of the evaluation.
    pub fn advance_crons(&mut self, until: u64, blocks: &[Moment]) -> Result<Vec<SlotResult>> {
        let (Some(origin), Some(left)) = (self.state.origin, self.state.left()) else {
            return Ok(Vec::new());
        };
        if self.state.last_tick.is_some_and(|tick| tick.timestamp >= until) {
            let message = "Messages of crons were evaluated for a later time than that of the next message. Start again from the \
                           state before them";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let gap = Gap {
            origin,
            left,
            until,
            blocks,
        };
        let crons = Rc::clone(&self.crons);
        let due = ticks(&crons, gap)?;
        let mut results = Vec::new();
        let evaluated = self.state.last_tick;
        for tick in due.into_iter().filter(|tick| Some(*tick) > evaluated) {
            results.push(self.evaluate_tick(tick, &crons)?);
        }
        Ok(results)
    }

    fn evaluate_tick(&mut self, tick: Tick, crons: &[Cron]) -> Result<SlotResult> {
        let input = CronInput {
            owner: self.facts.owner.clone(),
            target: self.facts.id.to_string(),
            tags: crons.get(tick.cron).map(|cron| cron.tags.clone()).unwrap_or_default(),
            timestamp: tick.timestamp,
            block_height: tick.block_height,
        };
        let moment = Moment {
            timestamp: tick.timestamp,
            block_height: tick.block_height,
        };
        let (result, outcome) = self.evaluate(&input.to_json(), Outcome::Cron)?;
        self.state.ticks += 1;
        if self.state.first_tick.is_none() {
            self.state.first_tick = Some(self.state.last.as_ref().map_or(0, |last| last.slot));
        }
        self.state.last_tick = Some(tick);
        self.state.evaluated = Some(moment);
        Ok(SlotResult::unscheduled(moment, outcome, result))
    }

    /// Evaluates a message without effects, after the last message that was evaluated. `message` is the body of a request
    /// for a dryrun: `Id, Target, Owner, Anchor, Data, Tags`. Returns what a compute unit answers, as JSON.
    ///
    /// # Errors
    /// `BadArgument` before the first message. Those of the evaluation.
    pub fn dryrun(&mut self, message: Map<String, Value>) -> Result<String> {
        let moment = self.state.evaluated.ok_or_else(|| {
            Error::new(
                ErrorKind::BadArgument,
                "There is no message yet after which a dryrun could be evaluated",
            )
        })?;
        let process = self.facts.id.to_string();
        let input = dryrun_input(&process, message, moment.timestamp, moment.block_height);
        decided(self.process.dryrun(&input).map(|evaluation| unit_result(&evaluation))).map(|(result, _)| result)
    }

    fn evaluate(&mut self, input: &str, outcome: Outcome) -> Result<(String, Outcome)> {
        let evaluation = self.process.handle(input);
        let (result, trapped) = decided(evaluation.map(|evaluation| unit_result(&evaluation)))?;
        self.state.published.take(&result);
        Ok((result, if trapped { Outcome::Trapped } else { outcome }))
    }

    /// The slot of the entry that comes next.
    pub fn next_slot(&self) -> u64 {
        self.state.last.as_ref().map_or(0, |last| last.slot + 1)
    }

    /// Whether nothing was evaluated yet.
    pub fn is_new(&self) -> bool {
        self.state.last.is_none() && self.state.evaluated.is_none()
    }

    pub fn state(&self) -> &ReplayState {
        &self.state
    }

    pub fn facts(&self) -> &ProcessFacts {
        &self.facts
    }

    /// Sets how far a node's schedule is verified, for the record of the view.
    pub(super) fn set_node_chain(&mut self, chain: NodeChain) {
        self.state.node_chain = Some(chain);
    }

    /// The process itself, for snapshots. A message that is evaluated on it directly is not part of the replay.
    pub fn process_mut(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Whether messages of crons were evaluated, or may come.
    pub fn has_crons(&self) -> bool {
        !self.crons.is_empty()
    }
}

/// Separates what the module does everywhere from what this machine cannot decide: a trap is the module's own result, a
/// limit of this machine is not. Returns the result, and whether it is that of a trap.
fn decided(result: Result<String>) -> Result<(String, bool)> {
    match result {
        Ok(result) => Ok((result, false)),
        Err(error) if error.kind() == ErrorKind::EngineTrap => Ok((failed_result(&error), true)),
        Err(error) => Err(error),
    }
}
