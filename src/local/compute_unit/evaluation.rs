//! Evaluation: processes run in the order of their schedules.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::arweave::Id;
use crate::compute::Evaluation;
use crate::error::{Error, ErrorKind, Result};
use crate::local::compute_unit::module_input as message;
use crate::local::network::{Event, Network, missing_record};
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::Kind;
use crate::local::store::records as store;

/// What an entry came to that the module did not see.
const SKIPPED: &str = r#"{"Messages":[],"Assignments":[],"Spawns":[],"Output":""}"#;

/// What a message came to, as it is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// As the compute unit answers.
    pub result: Box<RawValue>,
    /// What became of the outbox.
    pub pushed: Vec<Value>,
}

/// What a message came to, before the outbox is looked at.
pub(crate) struct Evaluated {
    pub result: String,
    pub messages: Vec<Value>,
    pub spawns: Vec<Value>,
    pub assignments: Vec<Value>,
    /// Why a part of the outbox cannot be read, if one cannot.
    pub unreadable: Option<String>,
}

impl<H: Platform> Network<H> {
    /// Evaluates the next entry of a process, delivers what it sends, and keeps what it came to.
    pub(crate) async fn advance(&mut self, process: &Id) -> Result<()> {
        let Some(schedule) = self.schedules.get(process) else {
            return Ok(());
        };
        let index = schedule.settled;
        let Some(entry) = schedule.entries.get(index).cloned() else {
            return Ok(());
        };
        let name = store::result_name(process, index);
        if self.platform.get(&name).await?.is_none() {
            let evaluated = self.evaluate(process, index).await?;
            let pushed = match entry.crank {
                true => self.crank(process, index, &entry, &evaluated).await?,
                false => Vec::new(),
            };
            let outcome = Outcome::new(evaluated.result, pushed)?;
            self.keep_outcome(&name, &outcome).await?;
            self.forget_signed(process, index, &outcome.pushed).await?;
        }
        if let Some(schedule) = self.schedules.get_mut(process) {
            schedule.settled = index + 1;
        }
        if (index + 1) % self.options.snapshot_every.max(1) == 0 {
            self.keep_snapshot(process, index + 1).await?;
        }
        Ok(())
    }

    /// What an entry of a process came to. A result that the crash of a machine has damaged is computed again.
    pub(crate) async fn outcome(&mut self, process: &Id, index: usize) -> Result<Outcome> {
        let name = store::result_name(process, index);
        match store::get(&*self.platform, &name).await {
            Ok(None) => return Err(missing_record("a result")),
            Ok(Some(bytes)) => {
                if let Ok(outcome) = serde_json::from_slice(&bytes) {
                    return Ok(outcome);
                }
            }
            Err(error) if store::is_damage(&error) => {}
            Err(error) => return Err(error),
        }
        if self.is_skipped(process, index)? {
            return Outcome::new(SKIPPED.into(), Vec::new());
        }
        let message = self.message_input(process, index).await?;
        let evaluation = match self.state(process, index).await {
            Ok(mut state) => state.handle(&message),
            Err(error) => Err(error),
        };
        let outcome = Outcome::new(Evaluated::of(evaluation)?.result, Vec::new())?;
        self.keep_outcome(&name, &outcome).await?;
        Ok(outcome)
    }

    async fn keep_outcome(&self, name: &str, outcome: &Outcome) -> Result<()> {
        let bytes = serde_json::to_vec(outcome).map_err(|_| missing_record("a result that is JSON"))?;
        store::put(&*self.platform, name, &bytes).await
    }

    async fn evaluate(&mut self, process: &Id, index: usize) -> Result<Evaluated> {
        if self.is_skipped(process, index)? {
            return Ok(Evaluated::nothing());
        }
        let message = self.message_input(process, index).await?;
        let mut evaluation = self.attempt(process, index, &message).await;
        // It may be the others that have the memory.
        if evaluation
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::OutOfMemory)
            && self.live.len() > 1
        {
            self.clear_away().await?;
            evaluation = self.attempt(process, index, &message).await;
        }
        if let Err(error) = &evaluation
            && is_fault(error)
        {
            let event = Event::new("failed", *process, self.entry(process, index)?.id);
            self.note(event.with_detail(error.message()));
        }
        Evaluated::of(evaluation)
    }

    /// Whether the module does not see an entry: a process that goes on from another's state has seen it there; and a message
    /// that is assigned again has been seen before.
    pub(crate) fn is_skipped(&self, process: &Id, index: usize) -> Result<bool> {
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        let is_fork = matches!(self.entry(process, index)?.kind, Kind::Fork { .. });
        Ok(is_fork || schedule.is_repeated(index))
    }

    async fn attempt(&mut self, process: &Id, index: usize, message: &str) -> Result<Evaluation> {
        let place = self.acquire(process, index).await?;
        let live = &mut self.live[place];
        let evaluation = live.state.handle(message);
        if evaluation.as_ref().err().is_none_or(is_fault) {
            live.at = index + 1;
        }
        evaluation
    }

    /// What a dryrun's message would come to, after so many entries.
    pub(crate) async fn preview(&mut self, process: &Id, count: usize, message: &str) -> Result<String> {
        let length = self.schedules.get(process).map_or(0, |schedule| schedule.entries.len());
        let evaluation = if count == length {
            match self.acquire(process, count).await {
                Ok(live) => self.live[live].state.dryrun(message),
                Err(error) => Err(error),
            }
        } else {
            self.state(process, count)
                .await
                .and_then(|mut state| state.dryrun(message))
        };
        Ok(Evaluated::of(evaluation)?.result)
    }

    /// What the compute unit hands to a process's module for the message in a slot: the message and the environment, as JSON.
    ///
    /// # Errors
    /// `NotFound` when there is no such process, or no such slot; `Storage`.
    pub async fn module_input(&mut self, process: &Id, slot: u64) -> Result<(String, String)> {
        self.sync_schedule(process).await?;
        let schedule = self.schedules.get(process);
        let index = schedule.and_then(|schedule| schedule.slot(slot));
        let index =
            index.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("Process {process} has no slot {slot}")))?;
        let message = self.message_input(process, index).await?;
        Ok((message, self.environment(process).await?))
    }

    /// What a process hears at an entry.
    pub(crate) async fn message_input(&self, process: &Id, index: usize) -> Result<String> {
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        let entry = schedule.entries.get(index).ok_or_else(|| missing_record("an entry"))?;
        if let Kind::Tick { cron } = entry.kind {
            let cron = schedule.crons.get(cron).ok_or_else(|| missing_record("a clock"))?;
            return Ok(message::tick(process, schedule, entry, cron, &self.options.blocks));
        }
        let kept = store::named_item(&*self.platform, &entry.id).await?;
        Ok(message::scheduled(process, entry, &kept.item, &self.options.blocks))
    }
}

impl Outcome {
    fn new(result: String, pushed: Vec<Value>) -> Result<Self> {
        let result = RawValue::from_string(result).map_err(|_| missing_record("a result that is JSON"))?;
        Ok(Self { result, pushed })
    }
}

impl Evaluated {
    /// A module that is at fault gives a result, too.
    fn of(evaluation: Result<Evaluation>) -> Result<Self> {
        match evaluation {
            Ok(evaluation) => Ok(Self::read(&evaluation)),
            Err(error) if is_fault(&error) => Ok(Self::failed(&error)),
            Err(error) => Err(error),
        }
    }

    fn read(evaluation: &Evaluation) -> Self {
        let parts = &evaluation.parts;
        let mut unreadable = None;
        let mut list = |part: &Option<Box<RawValue>>| {
            let Some(part) = part else { return Vec::new() };
            match serde_json::from_str(part.get()) {
                Ok(Value::Array(entries)) => entries,
                // Lua writes an empty list as an object.
                Ok(_) => Vec::new(),
                Err(error) => {
                    unreadable = Some(format!("A part of the outbox cannot be read: {error}"));
                    Vec::new()
                }
            }
        };
        let raw = |part: &Option<Box<RawValue>>, default: &'static str| match part.as_deref().map(RawValue::get) {
            None | Some("null") => default.to_owned(),
            Some(text) => text.to_owned(),
        };
        let mut result = format!(
            r#"{{"Messages":{},"Assignments":{},"Spawns":{},"Output":{}"#,
            raw(&parts.messages, "[]"),
            raw(&parts.assignments, "[]"),
            raw(&parts.spawns, "[]"),
            raw(&parts.output, r#""""#),
        );
        match raw(&parts.patches, "[]").as_str() {
            "[]" | "{}" => {}
            patches => result += &format!(r#","Patches":{patches}"#),
        }
        result += &format!(r#","GasUsed":{}"#, evaluation.gas_used);
        if evaluation.failed() {
            result += &format!(r#","Error":{}"#, raw(&parts.error, "null"));
        }
        result.push('}');
        // Nothing leaves a process that failed.
        let mut sent = |part| if evaluation.failed() { Vec::new() } else { list(part) };
        Self {
            messages: sent(&parts.messages),
            spawns: sent(&parts.spawns),
            assignments: sent(&parts.assignments),
            result,
            unreadable,
        }
    }

    fn nothing() -> Self {
        Self {
            result: SKIPPED.into(),
            messages: Vec::new(),
            spawns: Vec::new(),
            assignments: Vec::new(),
            unreadable: None,
        }
    }

    fn failed(error: &Error) -> Self {
        let mut failed = Self::nothing();
        let error = Value::from(error.message());
        failed.result = format!(r#"{},"GasUsed":0,"Error":{error}}}"#, SKIPPED.trim_end_matches('}'));
        failed
    }
}

/// Whether the module is at fault, or its code: the message then has come to an error, and always will.
pub(crate) fn is_fault(error: &Error) -> bool {
    use ErrorKind::{BadArgument, BadModule, EngineTrap, NotFound, OutOfGas, OutOfMemory, Unsupported};
    matches!(
        error.kind(),
        EngineTrap | OutOfGas | OutOfMemory | BadModule | Unsupported | NotFound | BadArgument
    )
}
