//! The units of a network together: settles the entries of schedules.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::compute_unit::{ComputeUnit, StoredResult, environment, message_input};
use super::context::NetworkContext;
use super::http::HttpResult;
use super::messenger;
use super::platform::Platform;
use super::scheduler::{self, Entry, Scheduler, Unsettled};
use super::store::names;
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::join::join;

/// The scheduler and the compute unit. The messenger has no state of its own.
pub(crate) struct LocalUnits<P> {
    pub context: Rc<NetworkContext<P>>,
    pub scheduler: Scheduler<P>,
    pub compute: ComputeUnit<P>,
}

impl<P: Platform> LocalUnits<P> {
    pub(crate) fn new(context: Rc<NetworkContext<P>>) -> Self {
        Self {
            scheduler: Scheduler::new(Rc::clone(&context)),
            compute: ComputeUnit::new(Rc::clone(&context)),
            context,
        }
    }

    /// Settles all pending entries: adds due cron ticks, evaluates entries in order, and delivers outboxes.
    ///
    /// # Errors
    /// Failures of the platform. A process whose records are damaged is blocked, and the others are settled.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        self.scheduler.begin_pass();
        scheduler::schedule_due_ticks(&mut self.scheduler).await?;
        let mut waiting = Vec::new();
        while let Some(process) = self.scheduler.first_pending() {
            if self.scheduler.blocked_reason(&process).is_none() {
                let outcome = self.sign_and_settle_next(&process).await;
                self.scheduler.isolate(&process, outcome)?;
            }
            if self.scheduler.finish_pending(&process).await? {
                waiting.push(process);
            }
        }
        self.scheduler.end_pass(waiting);
        Ok(())
    }

    /// Signs the assignment to the next entry of a process. The entry is settled while the platform signs.
    async fn sign_and_settle_next(&mut self, process: &Id) -> Result<()> {
        let Some(next) = self.scheduler.next_unsettled(process) else {
            return Ok(());
        };
        let Unsettled {
            index,
            entry,
            assignment,
        } = next;
        let Some(draft) = assignment else {
            return self.settle_entry(process, index, &entry).await;
        };
        let context = Rc::clone(&self.context);
        let signing = scheduler::sign_assignment(&context.platform, process, index, draft, entry.timestamp);
        let (signed, settled) = join(signing, self.settle_entry(process, index, &entry)).await;
        settled?;
        self.scheduler.set_signed(process, index, signed?.id());
        Ok(())
    }

    /// Evaluates the next entry of a process, delivers its outbox, and stores the result.
    ///
    /// The order of writes matters for crash recovery: the result is written after the whole outbox is delivered, and the
    /// signed items of the outbox are removed after that.
    async fn settle_entry(&mut self, process: &Id, index: usize, entry: &Entry) -> Result<()> {
        let Self {
            context,
            scheduler,
            compute,
        } = self;
        let platform = &context.platform;
        let name = names::result(process, index);
        if platform.get(&name).await?.is_none() {
            let evaluated = compute.evaluate(scheduler, process, index).await?;
            let pushed = match entry.crank {
                true => messenger::deliver(scheduler, compute.modules(), process, index, entry, &evaluated).await?,
                false => Vec::new(),
            };
            let result = StoredResult::new(evaluated.result, pushed)?;
            result.store(platform, &name).await?;
            messenger::remove_signed(platform, process, index, &result.pushed).await?;
        }
        scheduler.set_settled(process, index);
        if (index + 1).is_multiple_of(context.options.snapshot_every.max(1)) {
            compute.store_snapshot(process, index + 1).await?;
        }
        Ok(())
    }

    /// Parses the id of a process that exists, and settles its entries.
    pub(crate) async fn require_settled(&mut self, process: &str) -> HttpResult<Id> {
        let id = self.scheduler.require_process(process).await?;
        // Another page that uses the same store may have added entries.
        if self.scheduler.is_pending(&id) {
            self.settle().await?;
            return self.scheduler.require_process(process).await;
        }
        Ok(id)
    }

    /// Evaluates a dryrun after the message or slot `to`, or after all entries. Returns the result as JSON.
    pub(crate) async fn dryrun(
        &mut self,
        process: &Id,
        message: Map<String, Value>,
        to: Option<&str>,
    ) -> HttpResult<String> {
        let count = self.scheduler.count_through(process, to).await?;
        Ok(self
            .compute
            .dryrun(&mut self.scheduler, process, count, message)
            .await?)
    }

    /// Reads the result of an entry that is settled.
    pub(crate) async fn stored_result(&mut self, process: &Id, index: usize) -> Result<StoredResult> {
        self.compute.stored_result(&mut self.scheduler, process, index).await
    }

    /// The message in a slot and the environment, as the module gets them.
    pub(crate) async fn module_input(&mut self, process: &Id, slot: u64) -> Result<(String, String)> {
        let scheduler = &mut self.scheduler;
        scheduler.read_schedule(process).await?;
        let index = scheduler.schedule(process).and_then(|schedule| schedule.slot(slot));
        let index =
            index.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("Process {process} has no slot {slot}")))?;
        let message = message_input(scheduler, process, index).await?;
        let environment = environment(self.compute.modules_mut(), scheduler, process).await?;
        Ok((message, environment))
    }
}
