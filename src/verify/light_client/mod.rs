//! A light client: it follows one process, and answers from the state that it computed itself.

mod options;
mod results;
mod start;
mod watch;

use std::rc::Rc;

use serde_json::{Map, Value};

use self::results::KeptResults;
use super::{
    Agreement, AssignedItem, Chain, CheckedPage, KeptViews, Moment, Outcome, Proof, Schedule, SlotResult, Subject,
    Trusted, UnitAnswer, Unverifiable, VerifiedEntry, View, replay_entry, require_agreement,
};
use crate::compute::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::join::join_unless_failed;
use crate::platform::{Clock, Download, Http, PlatformCrypto, Storage, Timers};
use crate::protocol::{Dryrun, JsonTree};
use crate::signer::address;

pub use self::options::{FollowOptions, Source, StartAt};
pub use self::watch::{Phase, Progress, SlotReport, Unwatched, Watch};

/// Milliseconds after which a view is stored while it advances.
const KEPT_EVERY: u64 = 10_000;

/// Follows a process. It reads the schedule, verifies each entry, and evaluates it.
pub struct LightClient<H, D, S> {
    source: Rc<Source<H, D>>,
    storage: Option<S>,
    options: FollowOptions,
    view: View,
    /// What is verified and evaluated.
    chain: Chain,
    results: KeptResults,
    /// When the view was stored.
    kept_at: u64,
    /// Whether the view has advanced since then.
    is_ahead: bool,
}

/// The answer to a dryrun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What a compute unit answers, as JSON.
    pub result: String,
    pub proof: Proof,
}

impl<H: Http + Clock + Timers, D: Download, S: Storage> LightClient<H, D, S> {
    /// Finds the process and its module, verifies both, and takes the state to begin with. Nothing is evaluated yet.
    ///
    /// # Errors
    /// `VerifyProcess`, `VerifyModule`, `VerifyData`, `NotFound`; `NoCheckpoint`, `VerifyCheckpoint`, `CheckpointTooOld`; `ViewDamaged`,
    /// `ViewRolledBack`; `Unsupported`; those of requests, of the storage, and of loading a module.
    pub async fn open(
        engine: &dyn Engine,
        source: Rc<Source<H, D>>,
        storage: Option<S>,
        mut options: FollowOptions,
    ) -> Result<Self> {
        let found = start::find(&source, engine, &mut options).await?;
        let (view, chain) = found.start(&source, storage.as_ref(), &options).await?;
        // A view or a checkpoint is large, and not needed any more.
        options.start = StartAt::Genesis;
        let kept_at = source.client.platform().now();
        Ok(Self {
            source,
            storage,
            options,
            view,
            chain,
            results: KeptResults::default(),
            kept_at,
            is_ahead: false,
        })
    }

    /// Uses another source from now on: the same units, for instance with another signal.
    pub fn set_source(&mut self, source: Rc<Source<H, D>>) {
        self.source = source;
    }

    /// The last slot that was evaluated.
    pub fn slot(&self) -> Option<u64> {
        self.view.replay().state().last.as_ref().map(|last| last.slot)
    }

    pub fn view(&self) -> &View {
        &self.view
    }

    /// Reads, verifies and evaluates what is new, up to the slot `to`. The next page of the schedule is read while one is
    /// evaluated. The view is stored now and then, and at the end, also after an error. Returns the proof, with the unit's
    /// answer for the last slot if `asks`.
    ///
    /// # Errors
    /// Those of [`Schedule::verify`] and [`View::advance`]: the view then is after the last entry that was verified and
    /// evaluated. `Mismatch`, `HeadTooOld`; the error of the watch.
    pub async fn advance(&mut self, to: Option<u64>, asks: bool, watch: &impl Watch) -> Result<Proof> {
        let outcome = self.read_on(to, watch).await;
        let stored = self.keep().await;
        outcome?;
        stored?;
        let Some(slot) = self.slot().filter(|_| asks && self.options.has_unit) else {
            return self.proof();
        };
        match self.results.in_slot(slot).cloned() {
            Some(result) => self.proof_with_unit(&result).await,
            None => self.proof(),
        }
    }

    async fn read_on(&mut self, to: Option<u64>, watch: &impl Watch) -> Result<()> {
        let source = Rc::clone(&self.source);
        if to.is_some_and(|to| self.chain.next_slot() > to) {
            return Ok(());
        }
        let mut after = self.chain.next_slot() as i64 - 1;
        self.tell(watch, Phase::Schedule, after.max(0) as u64);
        let mut page = self.fetch(&source, after).await?;
        while let Some(last) = page.entries.last() {
            let newest = last.entry().slot;
            after = newest as i64;
            let reads_on = page.has_next_page && to.is_none_or(|to| newest < to);
            let schedule = self.schedule(&source);
            let crypto = self.options.crypto.clone();
            let ahead = async {
                match reads_on {
                    true => fetch(&schedule, crypto.as_deref(), after).await.map(Some),
                    false => Ok(None),
                }
            };
            let (next, ()) = join_unless_failed(ahead, self.evaluate(&source, page, to, watch)).await?;
            match next? {
                Some(next) => page = next,
                None => break,
            }
        }
        Ok(())
    }

    fn schedule<'a>(&self, source: &'a Source<H, D>) -> Schedule<'a, H, D> {
        Schedule::with(source.gateway(), self.options.process, self.chain.clone()).with_limit(self.options.page)
    }

    async fn fetch(&self, source: &Source<H, D>, after: i64) -> Result<CheckedPage> {
        fetch(&self.schedule(source), self.options.crypto.as_deref(), after).await
    }

    fn tell(&self, watch: &impl Watch, phase: Phase, of: u64) {
        watch.progress(Progress {
            slot: self.slot(),
            of: of.max(self.slot().unwrap_or(0)),
            phase,
        });
    }

    /// Verifies and evaluates the entries of a page.
    async fn evaluate(
        &mut self,
        source: &Source<H, D>,
        page: CheckedPage,
        to: Option<u64>,
        watch: &impl Watch,
    ) -> Result<()> {
        let mut schedule = self.schedule(source);
        let newest = page.entries.last().map_or(0, |last| last.entry().slot);
        let newest = to.map_or(newest, |to| to.min(newest));
        for entry in page.entries {
            // The slot that an entry names is not verified yet: it must not decide what is left out.
            if to.is_some_and(|to| schedule.chain().next_slot() > to) {
                break;
            }
            if entry.entry().message.is_none() {
                self.tell(watch, Phase::Messages, newest);
            }
            let verified = schedule.verify(entry).await?;
            let results = self.take(source, &verified).await?;
            self.chain = schedule.chain().clone();
            if let Some(first) = self.chain.broken().first() {
                let count = self.chain.broken().len() as u64;
                let (subject, slot) = (Subject::Chain, *first);
                self.view.add_unverifiable(Unverifiable { subject, slot, count });
            }
            self.is_ahead = true;
            self.tell(watch, Phase::Evaluation, newest);
            for result in results {
                self.results.add(&result);
                watch.evaluated(report(&verified, result)).await?;
            }
            if self.source.client.platform().now().saturating_sub(self.kept_at) > KEPT_EVERY {
                self.keep().await?;
            }
        }
        Ok(())
    }

    /// Evaluates a verified entry.
    async fn take(&mut self, source: &Source<H, D>, verified: &VerifiedEntry) -> Result<Vec<SlotResult>> {
        let VerifiedEntry { entry, item } = verified;
        let mut anchor = String::new();
        if entry.message.is_none()
            && let Some(item) = item
        {
            let node = source.gateway().node(&item.id()).await?;
            anchor = node.get("anchor").and_then(JsonTree::text).unwrap_or_default().into();
            self.view.add_trusted(Trusted::Gateway(source.gateway.clone()));
        }
        let assigned = item.as_ref().map(|item| AssignedItem { item, anchor: &anchor });
        let replayed = replay_entry(entry, assigned)?;
        let blocks = self.blocks(source, start::moment_of(entry)).await?;
        self.view.advance(&replayed, &blocks)
    }

    /// The blocks between the last entry and the next one, for the crons of the process.
    async fn blocks(&mut self, source: &Source<H, D>, next: Moment) -> Result<Vec<Moment>> {
        let replay = self.view.replay();
        let last = replay.state().last.as_ref().map(|last| last.moment.block_height);
        let Some(last) = last.filter(|_| replay.has_crons()) else {
            return Ok(Vec::new());
        };
        let blocks = source.gateway().blocks(last, next.block_height).await?;
        if !blocks.is_empty() {
            self.view.add_trusted(Trusted::Gateway(source.gateway.clone()));
        }
        Ok(blocks)
    }

    /// Stores the view, if it has advanced.
    ///
    /// # Errors
    /// `Storage`; `OutOfMemory` as in [`View::export`].
    pub async fn keep(&mut self) -> Result<()> {
        if let Some(storage) = self.storage.as_ref().filter(|_| self.is_ahead) {
            KeptViews::new(storage).store(&mut self.view).await?;
        }
        self.is_ahead = false;
        self.kept_at = self.source.client.platform().now();
        Ok(())
    }

    /// The value that the process has published at a path with `patch@1.0`. See [`Published::read`](super::Published::read).
    ///
    /// # Errors
    /// `NotFound`, `Unsupported`; those of [`View::proof`].
    pub fn read(&self, path: &str) -> Result<(Value, Proof)> {
        Ok((self.view.published(path)?, self.proof()?))
    }

    /// What the current state rests on. The unit is not asked.
    ///
    /// # Errors
    /// Those of [`View::proof`].
    pub fn proof(&self) -> Result<Proof> {
        self.view.proof(self.source.client.platform().now(), self.options.age)
    }

    /// Compares a result with the unit's.
    async fn proof_with_unit(&self, result: &SlotResult) -> Result<Proof> {
        let mut proof = self.proof()?;
        let process = self.options.process.to_string();
        let (Some(slot), Some(message)) = (result.slot, &result.message) else {
            return Ok(proof);
        };
        let assignment = result.assignment.as_ref().unwrap_or(message);
        // Units know the result of an assigned message by its assignment. Asked for the id of the message, a scheduler unit with
        // PostgreSQL names the assignment to any process, and a compute unit then returns the result of that one.
        let (first, second) = match result.assigned {
            true => (assignment, message),
            false => (message, assignment),
        };
        let mut asked = self.source.client.result(&process, first).await;
        if asked.is_err() && first != second {
            asked = self.source.client.result(&process, second).await;
        }
        match asked {
            Ok(answer) => {
                let agreement = require_agreement(slot, &result.result, result.outcome, answer.as_str())?;
                self.agreed(&mut proof, agreement);
            }
            Err(error) => no_answer(&mut proof, error)?,
        }
        Ok(proof)
    }

    fn agreed(&self, proof: &mut Proof, agreement: Agreement) {
        proof.unit = UnitAnswer::Agrees;
        proof.other_order = agreement == Agreement::OtherOrder;
    }

    /// The result of a message, by its slot, its id or that of its assignment, with the proof of the view. `asks` is whether
    /// the unit is asked for the same result.
    ///
    /// # Errors
    /// `NotFound` where the view has not evaluated it, or not recently. `Mismatch`; those of [`proof`](Self::proof).
    pub async fn result(&self, message: &str, asks: bool) -> Result<(SlotResult, Proof)> {
        let found = match message.parse::<u64>() {
            Ok(slot) => self.results.in_slot(slot),
            Err(_) => self.results.of(message),
        };
        let result = found.cloned().ok_or_else(|| {
            let message = format!(
                "The view has no result of {message}. It has those of the newest messages that it evaluated itself: start from \
                 slot 0 and take them as they are computed"
            );
            Error::new(ErrorKind::NotFound, message)
        })?;
        let proof = match asks && self.options.has_unit {
            true => self.proof_with_unit(&result).await?,
            false => self.proof()?,
        };
        Ok((result, proof))
    }

    /// Evaluates a message without effects. `asks` is whether the unit is asked the same, to compare.
    ///
    /// # Errors
    /// Those of [`View::dryrun`] and [`proof`](Self::proof); `Mismatch`.
    pub async fn dryrun(&mut self, message: &Dryrun, asks: bool) -> Result<Preview> {
        let body = message.to_json();
        let fields: Map<String, Value> = serde_json::from_str(&body)
            .map_err(|error| Error::new(ErrorKind::BadArgument, format!("The message cannot be read: {error}")))?;
        let mut proof = self.proof()?;
        let result = self.view.dryrun(fields)?;
        if asks && self.options.has_unit {
            match self.source.client.dryrun(message).await {
                Ok(answer) => {
                    let slot = proof.slot;
                    let agreement = require_agreement(slot, &result, Outcome::Evaluated, answer.as_str())?;
                    self.agreed(&mut proof, agreement);
                }
                Err(error) => no_answer(&mut proof, error)?,
            }
        }
        Ok(Preview { result, proof })
    }

    /// Writes the view as one record, for [`StartAt::View`].
    ///
    /// # Errors
    /// Those of [`View::export`].
    pub fn export(&mut self) -> Result<Vec<u8>> {
        self.view.export()
    }
}

/// Reads a page, and verifies its signatures with the platform's code, beside the work of this thread.
async fn fetch<H: Http + Clock + Timers, D: Download>(
    schedule: &Schedule<'_, H, D>,
    crypto: Option<&dyn PlatformCrypto>,
    after: i64,
) -> Result<CheckedPage> {
    Ok(CheckedPage::check(schedule.fetch(after).await?, crypto).await)
}

/// A unit that refuses or cannot be reached takes nothing from what was computed.
fn no_answer(proof: &mut Proof, error: Error) -> Result<()> {
    match error.kind() {
        ErrorKind::HttpNetwork | ErrorKind::HttpStatus | ErrorKind::BadResponse => {
            proof.unit = UnitAnswer::NoAnswer;
            Ok(())
        }
        _ => Err(error),
    }
}

fn report(verified: &VerifiedEntry, result: SlotResult) -> SlotReport {
    let VerifiedEntry { entry, item } = verified;
    let is_scheduled = result.slot.is_some();
    let shown = entry.message.as_ref();
    let action = match (shown, item) {
        (Some(message), _) => message.tag("Action"),
        (None, Some(item)) => item.tag("Action"),
        (None, None) => None,
    };
    let key = shown.map(|message| &message.owner_key);
    let key = key.or(item.as_ref().map(|item| &item.owner));
    SlotReport {
        is_error: start::is_failed(&result.result),
        action: action.filter(|_| is_scheduled).map(str::to_owned),
        from: key.filter(|_| is_scheduled).map(|key| address::compute_unit(key)),
        by_gateway: item.is_some(),
        result,
    }
}
