//! A light client: it follows one process, and answers from the state that it computed itself.

mod answers;
mod module;
mod node;
mod old;
mod options;
mod order;
mod results;
mod start;
mod state;
mod watch;

use std::rc::Rc;

use self::order::{Fetched, Order, Page, Request, Taken};
use self::results::KeptResults;
use super::{KeptViews, Moment, Proof, SlotResult, Subject, Trusted, View};
use crate::compute::Engine;
use crate::error::Result;
use crate::join::join_unless_failed;
use crate::platform::{Clock, Download, Http, Storage, Timers};

pub use self::options::{FollowOptions, ScheduleSource, Source, StartAt};
pub use self::watch::{Phase, Progress, SlotReport, Unwatched, Watch};

/// The fewest milliseconds between two times that a view is stored while it advances.
const KEPT_EVERY: u64 = 1000;

/// Of a large process, storing takes long. It may take one part in this many of the time.
const KEPT_SHARE: u64 = 10;

/// Follows a process. It reads the schedule, verifies each entry, and evaluates it.
pub struct LightClient<H, D, S> {
    source: Rc<Source<H, D>>,
    storage: Option<S>,
    options: FollowOptions,
    view: View,
    /// What is verified and evaluated.
    order: Order,
    results: KeptResults,
    /// When the view was stored, and how many milliseconds that took.
    kept_at: u64,
    keeping_took: u64,
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
        let module = options.module.take();
        let (view, order) = start::open(&source, engine, storage.as_ref(), &options, module).await?;
        // A view or a checkpoint is large, and not needed any more.
        options.start = StartAt::Genesis;
        let kept_at = source.client.platform().now();
        Ok(Self {
            source,
            storage,
            options,
            view,
            order,
            results: KeptResults::default(),
            kept_at,
            keeping_took: 0,
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
    /// Those of [`Schedule::verify`](super::Schedule::verify) or [`NodeChain::verify`](super::NodeChain::verify), and [`View::advance`]: the view then is after the last entry that was verified and
    /// evaluated. `Mismatch`, `HeadTooOld`; the error of the watch.
    pub async fn advance(&mut self, to: Option<u64>, asks: bool, watch: &impl Watch) -> Result<Proof> {
        let outcome = self.read_on(to, watch).await;
        self.kept_after(outcome).await?;
        let Some(slot) = self.slot().filter(|_| asks && self.options.has_unit) else {
            return self.proof();
        };
        match self.results.in_slot(slot).cloned() {
            Some(result) => self.proof_with_unit(&result).await,
            None => self.proof(),
        }
    }

    /// Stores the view after reading on, also where that has failed.
    async fn kept_after(&mut self, outcome: Result<()>) -> Result<()> {
        let stored = self.keep().await;
        outcome.and(stored)
    }

    async fn read_on(&mut self, to: Option<u64>, watch: &impl Watch) -> Result<()> {
        if to.is_some_and(|to| self.order.next_slot() > to) {
            return Ok(());
        }
        self.tell(watch, Phase::Schedule, 0);
        let page = self.next_page().await?;
        self.take_pages(page, to, watch).await
    }

    /// Reads the page of the schedule behind the view.
    fn next_page(&self) -> impl Future<Output = Result<Page>> + use<H, D, S> {
        self.page_after(self.order.next_slot() as i64 - 1)
    }

    /// Reads the page of the schedule behind a slot. The future borrows nothing of the view, which can be used meanwhile.
    fn page_after(&self, slot: i64) -> impl Future<Output = Result<Page>> + use<H, D, S> {
        let (source, order) = (Rc::clone(&self.source), self.order.clone());
        let (process, crypto, limit) = (self.options.process, self.options.crypto.clone(), self.options.page);
        async move {
            let request = Request {
                process,
                crypto: crypto.as_deref(),
                limit,
            };
            order.fetch(&source, &request, slot).await
        }
    }

    /// Verifies and evaluates a page, and those that follow.
    async fn take_pages(&mut self, mut page: Page, to: Option<u64>, watch: &impl Watch) -> Result<()> {
        let source = Rc::clone(&self.source);
        while let Some(last) = page.entries.last() {
            let newest = last.slot();
            let reads_on = page.has_next && to.is_none_or(|to| newest < to);
            let following = reads_on.then(|| self.page_after(newest as i64));
            let ahead = async {
                match following {
                    Some(following) => following.await.map(Some),
                    None => Ok(None),
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

    fn tell(&self, watch: &impl Watch, phase: Phase, of: u64) {
        watch.progress(Progress {
            slot: self.slot(),
            of: of.max(self.slot().unwrap_or(0)),
            phase,
        });
    }

    /// Verifies and evaluates the entries of a page.
    async fn evaluate(&mut self, source: &Source<H, D>, page: Page, to: Option<u64>, watch: &impl Watch) -> Result<()> {
        let newest = page.entries.last().map_or(0, Fetched::slot);
        let newest = to.map_or(newest, |to| to.min(newest));
        for entry in page.entries {
            // The slot that an entry names is not verified yet: it must not decide what is left out.
            if to.is_some_and(|to| self.order.next_slot() > to) {
                break;
            }
            if entry.needs_gateway() {
                self.tell(watch, Phase::Messages, newest);
            }
            let (order, taken) = self.order.verify(source, self.options.process, entry).await?;
            let results = self.take(source, &taken).await?;
            self.order = order;
            if let Order::Node(chain) = &self.order {
                self.view.replay_mut().set_node_chain(chain.clone());
            }
            self.is_ahead = true;
            self.tell(watch, Phase::Evaluation, newest);
            for result in results {
                self.results.add(&result);
                watch.evaluated(taken.facts.report(result)).await?;
            }
            let pause = KEPT_EVERY.max(self.keeping_took.saturating_mul(KEPT_SHARE));
            if self.source.client.platform().now().saturating_sub(self.kept_at) > pause {
                self.keep().await?;
            }
        }
        Ok(())
    }

    /// Evaluates a verified entry.
    async fn take(&mut self, source: &Source<H, D>, taken: &Taken) -> Result<Vec<SlotResult>> {
        let input = &taken.entry.input;
        let next = Moment {
            timestamp: input.timestamp,
            block_height: input.block_height,
        };
        if self.view.replay().is_new() && !taken.is_process {
            let process = old::process_input(source, self.options.process).await?;
            self.view.start_old(&process)?;
        }
        let blocks = self.blocks(source, next).await?;
        let results = self.view.advance(&taken.entry, &blocks)?;
        if let Some(party) = &taken.trusted {
            self.view.add_trusted(party.clone());
        }
        if let Some(part) = &taken.unverifiable {
            self.view.add_unverifiable(part.clone());
        }
        if taken.is_broken {
            self.view.count_unverifiable(Subject::Chain, input.nonce);
        }
        Ok(results)
    }

    /// The blocks between the last entry and the next one, for the crons of the process.
    async fn blocks(&mut self, source: &Source<H, D>, next: Moment) -> Result<Vec<Moment>> {
        let replay = self.view.replay();
        let last = replay.state().left().map(|left| left.block_height);
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
        let began = self.source.client.platform().now();
        if let Some(storage) = self.storage.as_ref().filter(|_| self.is_ahead) {
            KeptViews::new(storage).store(&mut self.view).await?;
        }
        self.is_ahead = false;
        self.kept_at = self.source.client.platform().now();
        self.keeping_took = self.kept_at.saturating_sub(began);
        Ok(())
    }

    /// Writes the view as one record, for [`StartAt::View`].
    ///
    /// # Errors
    /// Those of [`View::export`].
    pub fn export(&mut self) -> Result<Vec<u8>> {
        self.view.export()
    }
}
