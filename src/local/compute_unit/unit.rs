//! Evaluates the entries of schedules.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::evaluate::{Input, evaluate};
use super::modules::Modules;
use super::process_pool::{PooledProcess, ProcessPool};
use super::restore::{message_input, replay, restore, restore_nearest};
use super::result::{Evaluated, StoredResult};
use crate::arweave::Id;
use crate::compute::{Process, ProcessEvaluation, is_module_fault};
use crate::error::{ErrorKind, Result};
use crate::local::context::NetworkContext;
use crate::local::event::Event;
use crate::local::platform::Platform;
use crate::local::scheduler::Scheduler;
use crate::local::store::{names, records};
use crate::protocol::dryrun_input;

pub(crate) struct ComputeUnit<P> {
    context: Rc<NetworkContext<P>>,
    modules: Modules<P>,
    pool: ProcessPool<P>,
}

impl<P: Platform> ComputeUnit<P> {
    pub(crate) fn new(context: Rc<NetworkContext<P>>) -> Self {
        Self {
            modules: Modules::new(Rc::clone(&context)),
            pool: ProcessPool::new(Rc::clone(&context)),
            context,
        }
    }

    pub(crate) fn modules(&self) -> &Modules<P> {
        &self.modules
    }

    pub(crate) fn modules_mut(&mut self) -> &mut Modules<P> {
        &mut self.modules
    }

    /// Evaluates an entry of a process, whose earlier entries are settled.
    pub(crate) async fn evaluate(
        &mut self,
        scheduler: &mut Scheduler<P>,
        process: &Id,
        index: usize,
    ) -> Result<Evaluated> {
        if scheduler.is_skipped(process, index)? {
            return Ok(Evaluated::skipped());
        }
        if let Err(error) = scheduler.require_schedule(process)?.check_crons() {
            return Evaluated::new(Err(error));
        }
        let message = message_input(scheduler, process, index).await?;
        let mut evaluation = self.try_evaluate(scheduler, process, index, &message).await;
        // Other processes may hold the memory.
        if evaluation
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::OutOfMemory)
            && self.pool.len() > 1
        {
            self.pool.clear().await?;
            evaluation = self.try_evaluate(scheduler, process, index, &message).await;
        }
        if let Err(error) = &evaluation
            && is_module_fault(error)
        {
            let event = Event::new("failed", *process, scheduler.entry(process, index)?.id);
            self.context.note(event.with_detail(error.message()));
        }
        Evaluated::new(evaluation)
    }

    async fn try_evaluate(
        &mut self,
        scheduler: &mut Scheduler<P>,
        process: &Id,
        index: usize,
        message: &str,
    ) -> Result<ProcessEvaluation> {
        let mut pooled = self.acquire(scheduler, process, index).await?;
        let input = Input {
            process,
            message,
            timestamp: scheduler.entry(process, index)?.timestamp,
            commit: true,
        };
        let evaluation = evaluate(&mut self.modules, scheduler, &mut pooled.state, input).await?;
        if evaluation.as_ref().err().is_none_or(is_module_fault) {
            pooled.count = index + 1;
        }
        self.pool.insert(pooled);
        evaluation
    }

    /// Takes a process out of the pool, or restores it, with a state that includes exactly `count` entries. The caller puts
    /// it back.
    async fn acquire(&mut self, scheduler: &mut Scheduler<P>, process: &Id, count: usize) -> Result<PooledProcess> {
        let pooled = self.pool.take(process).filter(|pooled| pooled.count <= count);
        if !pooled.as_ref().is_some_and(|pooled| pooled.state.is_loaded()) {
            self.pool.make_room().await?;
        }
        let mut pooled = match pooled {
            Some(pooled) => pooled,
            None => {
                let (state, count) = match restore_nearest(&mut self.modules, scheduler, process, count).await {
                    // The platform has limits of its own. Other processes may hold the memory.
                    Err(error) if error.kind() == ErrorKind::OutOfMemory && self.pool.len() > 0 => {
                        self.pool.clear().await?;
                        restore_nearest(&mut self.modules, scheduler, process, count).await?
                    }
                    restored => restored?,
                };
                PooledProcess {
                    process: *process,
                    count,
                    state,
                }
            }
        };
        while pooled.count < count {
            replay(&mut self.modules, scheduler, process, &mut pooled.state, pooled.count).await?;
            pooled.count += 1;
        }
        Ok(pooled)
    }

    /// Rebuilds a process's state after `count` entries. The state is separate from the one in the pool.
    pub(crate) async fn restore(
        &mut self,
        scheduler: &mut Scheduler<P>,
        process: &Id,
        count: usize,
    ) -> Result<Process> {
        restore(&mut self.modules, scheduler, process, count).await
    }

    /// Evaluates a dryrun after `count` entries. Returns the result as JSON.
    pub(crate) async fn dryrun(
        &mut self,
        scheduler: &mut Scheduler<P>,
        process: &Id,
        count: usize,
        message: Map<String, Value>,
    ) -> Result<String> {
        let last = scheduler.entry(process, count - 1)?;
        let timestamp = last.timestamp;
        let height = self.context.options.blocks.height(timestamp);
        let message = dryrun_input(&process.to_string(), message, timestamp, height);
        let length = scheduler
            .schedule(process)
            .map_or(0, |schedule| schedule.entries().len());
        let input = Input {
            process,
            message: &message,
            timestamp,
            commit: false,
        };
        let evaluation = if count == length {
            match self.acquire(scheduler, process, count).await {
                Ok(mut pooled) => {
                    let evaluation = evaluate(&mut self.modules, scheduler, &mut pooled.state, input).await;
                    self.pool.insert(pooled);
                    evaluation?
                }
                Err(error) => Err(error),
            }
        } else {
            match self.restore(scheduler, process, count).await {
                Ok(mut state) => evaluate(&mut self.modules, scheduler, &mut state, input).await?,
                Err(error) => Err(error),
            }
        };
        Ok(Evaluated::new(evaluation)?.result)
    }

    /// Reads the result of an entry that is settled. A result that a crash of the machine has damaged is computed again.
    pub(crate) async fn stored_result(
        &mut self,
        scheduler: &mut Scheduler<P>,
        process: &Id,
        index: usize,
    ) -> Result<StoredResult> {
        let name = names::result(process, index);
        match records::get(&self.context.platform, &name).await {
            Ok(None) => return Err(records::missing_record("a result")),
            Ok(Some(bytes)) => {
                if let Ok(result) = serde_json::from_slice(&bytes) {
                    return Ok(result);
                }
            }
            Err(error) if records::is_damage(&error) => {}
            Err(error) => return Err(error),
        }
        if scheduler.is_skipped(process, index)? {
            return StoredResult::skipped();
        }
        let message = message_input(scheduler, process, index).await?;
        let evaluation = match self.restore(scheduler, process, index).await {
            Ok(mut state) => {
                let input = Input {
                    process,
                    message: &message,
                    timestamp: scheduler.entry(process, index)?.timestamp,
                    commit: true,
                };
                evaluate(&mut self.modules, scheduler, &mut state, input).await?
            }
            Err(error) => Err(error),
        };
        let result = StoredResult::new(Evaluated::new(evaluation)?.result, Vec::new())?;
        result.store(&self.context.platform, &name).await?;
        Ok(result)
    }

    /// Stores a snapshot of a process, if it is in the pool with exactly `count` entries.
    pub(crate) async fn store_snapshot(&mut self, process: &Id, count: usize) -> Result<()> {
        self.pool.store_snapshot(process, count).await
    }

    /// Stores a snapshot of each process in the pool.
    pub(crate) async fn flush_snapshots(&mut self) -> Result<()> {
        self.pool.flush_snapshots().await
    }
}
