//! Evaluates a message with the files that its module reads.
//!
//! A module reads a file while it runs, and the store answers later. So a message that opens a file which is not in memory is
//! undone, the file is loaded, and the message is evaluated again.

use super::modules::Modules;
use crate::arweave::Id;
use crate::compute::{Process, ProcessEvaluation};
use crate::error::Result;
use crate::local::platform::Platform;
use crate::local::scheduler::Scheduler;

/// A message for [`evaluate`].
pub(crate) struct Input<'a> {
    pub process: &'a Id,
    pub message: &'a str,
    /// The files that had arrived by then are visible, in milliseconds since 1970.
    pub timestamp: u64,
    /// Whether its effects stay.
    pub commit: bool,
}

/// Evaluates a message, with the files that it reads. The outer error is one of the store, the inner one of the evaluation.
pub(crate) async fn evaluate<P: Platform>(
    modules: &mut Modules<P>,
    scheduler: &Scheduler<P>,
    state: &mut Process,
    input: Input<'_>,
) -> Result<Result<ProcessEvaluation>> {
    let context = scheduler.context();
    let schedule = scheduler.require_schedule(input.process)?;
    let module = modules.get(&schedule.module).await?;
    let drive = modules.drive();
    drive.make_room();
    loop {
        drive.begin(&schedule.tags, &module.tags, input.timestamp);
        let evaluation = match input.commit {
            true => state.handle(input.message),
            false => state.dryrun(input.message),
        };
        if !drive.load(&context.platform).await? {
            // The message is not evaluated again to undo another one: the files of that one may differ.
            if input.commit && drive.is_used() && evaluation.is_ok() {
                state.memory_size()?;
            }
            return Ok(evaluation);
        }
        if input.commit && evaluation.as_ref().is_ok_and(|evaluation| !evaluation.failed()) {
            state.revert()?;
        }
    }
}
