//! Rebuilds the state of a process after any of its entries, from snapshots and the schedule.

use super::evaluate::{Input, evaluate};
use super::module_input;
use super::modules::{LoadedModule, Modules};
use super::snapshots;
use crate::arweave::Id;
use crate::compute::{Process, is_module_fault};
use crate::error::{ErrorKind, Result};
use crate::local::platform::Platform;
use crate::local::scheduler::{EntryKind, Scheduler};
use crate::local::store::{items, records};

/// Rebuilds a process's state after `count` entries. The state is separate from the one in the pool.
pub(crate) async fn restore<P: Platform>(
    modules: &mut Modules<P>,
    scheduler: &mut Scheduler<P>,
    process: &Id,
    count: usize,
) -> Result<Process> {
    let (mut state, first) = restore_nearest(modules, scheduler, process, count).await?;
    for index in first..count {
        replay(modules, scheduler, process, &mut state, index).await?;
    }
    Ok(state)
}

/// Evaluates an entry again, which was evaluated before.
pub(crate) async fn replay<P: Platform>(
    modules: &mut Modules<P>,
    scheduler: &Scheduler<P>,
    process: &Id,
    state: &mut Process,
    index: usize,
) -> Result<()> {
    if scheduler.is_skipped(process, index)? {
        return Ok(());
    }
    let input = Input {
        process,
        message: &message_input(scheduler, process, index).await?,
        timestamp: scheduler.entry(process, index)?.timestamp,
        commit: true,
    };
    match evaluate(modules, scheduler, state, input).await? {
        Err(error) if !is_module_fault(&error) => Err(error),
        // A fault of the module occurred the first time too.
        _ => Ok(()),
    }
}

/// Restores the newest state that includes at most `count` entries. Returns the state and the number of its entries.
pub(crate) async fn restore_nearest<P: Platform>(
    modules: &mut Modules<P>,
    scheduler: &mut Scheduler<P>,
    process: &Id,
    count: usize,
) -> Result<(Process, usize)> {
    let context = scheduler.context();
    let schedule = scheduler.require_schedule(process)?;
    let id = schedule.module;
    let fork = match schedule.entries().first().map(|entry| &entry.kind) {
        Some(EntryKind::Fork { process, index, .. }) => Some((*process, *index)),
        _ => None,
    };
    let environment = environment(modules, scheduler, process).await?;
    let module = modules.get(&id).await?.module;
    let snapshots = snapshots::list(&context.platform, process).await?.into_iter().rev();
    for (name, at) in snapshots.filter(|(_, at)| *at <= count) {
        let Some(bytes) = context.platform.get(&name).await? else {
            continue;
        };
        match module.resume(&environment, &bytes) {
            // A crash of the machine may damage a snapshot. An older one or the schedule replaces it.
            Err(error) if error.kind() == ErrorKind::BadSnapshot => {}
            resumed => return Ok((resumed?, at)),
        }
    }
    match fork {
        None => Ok((module.instantiate(&environment)?, 0)),
        Some((parent, index)) => {
            scheduler.sync_schedule(&parent).await?;
            let mut parent = Box::pin(restore(modules, scheduler, &parent, index + 1)).await?;
            let image = parent.snapshot()?;
            Ok((module.resume(&environment, &image)?, 1))
        }
    }
}

/// The environment of a process, as JSON.
pub(crate) async fn environment<P: Platform>(
    modules: &mut Modules<P>,
    scheduler: &Scheduler<P>,
    process: &Id,
) -> Result<String> {
    let schedule = scheduler.require_schedule(process)?;
    let LoadedModule { owner, tags, .. } = modules.get(&schedule.module).await?;
    Ok(module_input::environment(process, schedule, (owner, &tags)))
}

/// The message of an entry, as JSON for the module.
pub(crate) async fn message_input<P: Platform>(scheduler: &Scheduler<P>, process: &Id, index: usize) -> Result<String> {
    let context = scheduler.context();
    let blocks = &context.options.blocks;
    let schedule = scheduler.require_schedule(process)?;
    let entry = schedule
        .entries()
        .get(index)
        .ok_or_else(|| records::missing_record("an entry"))?;
    if let EntryKind::Tick { cron } = entry.kind {
        let cron = schedule
            .crons
            .get(cron)
            .ok_or_else(|| records::missing_record("a cron"))?;
        return Ok(module_input::tick(process, schedule, entry, cron, blocks));
    }
    let stored;
    let item = match scheduler.newest_item(&entry.id) {
        Some(item) => item,
        None => {
            stored = items::require(&context.platform, &entry.id).await?;
            &stored.item
        }
    };
    Ok(module_input::scheduled(process, entry, item, blocks))
}
