//! Evaluation: processes run in the order of their schedules, and can be had as they were at any point of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::host::Surroundings;
use super::message;
use super::modules::Loaded;
use super::network::{Event, Network, lost};
use super::schedule::Kind;
use super::store;
use crate::arweave::Id;
use crate::compute::{Evaluation, Process};
use crate::error::{Error, ErrorKind, Result};

/// A process that is ready to run, after so many entries.
pub(super) struct Live {
    process: Id,
    at: usize,
    state: Process,
}

/// What a message came to, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Outcome {
    /// As the compute unit answers.
    pub result: Box<RawValue>,
    /// What became of the outbox.
    pub pushed: Vec<Value>,
}

/// What a message came to, before the outbox is looked at.
pub(super) struct Evaluated {
    pub result: String,
    pub messages: Vec<Value>,
    pub spawns: Vec<Value>,
    pub assignments: Vec<Value>,
    /// Why a part of the outbox cannot be read, if one cannot.
    pub unreadable: Option<String>,
}

impl<H: Surroundings> Network<H> {
    /// Evaluates the next entry of a process, delivers what it sends, and keeps what it came to.
    pub(super) async fn advance(&mut self, process: &Id) -> Result<()> {
        let Some(schedule) = self.schedules.get(process) else {
            return Ok(());
        };
        let index = schedule.settled;
        let Some(entry) = schedule.entries.get(index).cloned() else {
            return Ok(());
        };
        let name = store::result_name(process, index);
        if self.host.get(&name).await?.is_none() {
            let evaluated = self.evaluate(process, index).await?;
            let pushed = match entry.crank {
                true => self.crank(process, index, &entry, &evaluated).await?,
                false => Vec::new(),
            };
            self.publish(process, &evaluated.messages).await?;
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
    pub(super) async fn outcome(&mut self, process: &Id, index: usize) -> Result<Outcome> {
        let name = store::result_name(process, index);
        let bytes = self.host.get(&name).await?.ok_or_else(|| lost("a result"))?;
        if let Ok(outcome) = serde_json::from_slice(&bytes) {
            return Ok(outcome);
        }
        let message = self.heard(process, index).await?;
        let evaluation = match self.state(process, index).await {
            Ok(mut state) => state.handle(&message),
            Err(error) => Err(error),
        };
        let outcome = Outcome::new(Evaluated::of(evaluation)?.result, Vec::new())?;
        self.keep_outcome(&name, &outcome).await?;
        Ok(outcome)
    }

    async fn keep_outcome(&self, name: &str, outcome: &Outcome) -> Result<()> {
        let bytes = serde_json::to_vec(outcome).map_err(|_| lost("a result that is JSON"))?;
        self.host.put(name, &bytes).await
    }

    async fn evaluate(&mut self, process: &Id, index: usize) -> Result<Evaluated> {
        let schedule = self.schedules.get(process).ok_or_else(|| lost("a schedule"))?;
        if matches!(schedule.entries[index].kind, Kind::Fork { .. }) {
            return Ok(Evaluated::nothing());
        }
        let evaluation = match self.bring(process, index).await {
            Ok(live) => {
                let message = self.heard(process, index).await?;
                let live = &mut self.live[live];
                let evaluation = live.state.handle(&message);
                if evaluation.as_ref().err().is_none_or(is_fault) {
                    live.at = index + 1;
                }
                evaluation
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &evaluation
            && is_fault(error)
        {
            let event = Event::new("failed", *process, self.entry(process, index)?.id);
            self.note(event.with_detail(error.message()));
        }
        Evaluated::of(evaluation)
    }

    /// What a dryrun's message would come to, after so many entries.
    pub(super) async fn preview(&mut self, process: &Id, count: usize, message: &str) -> Result<String> {
        let length = self.schedules.get(process).map_or(0, |schedule| schedule.entries.len());
        let evaluation = if count == length {
            match self.bring(process, count).await {
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

    /// What a process hears at an entry.
    async fn heard(&self, process: &Id, index: usize) -> Result<String> {
        let schedule = self.schedules.get(process).ok_or_else(|| lost("a schedule"))?;
        let entry = schedule.entries.get(index).ok_or_else(|| lost("an entry"))?;
        if let Kind::Tick { cron } = entry.kind {
            let cron = schedule.crons.get(cron).ok_or_else(|| lost("a clock"))?;
            return Ok(message::tick(process, schedule, entry, cron));
        }
        let kept = store::item(&self.host, &entry.id)
            .await?
            .ok_or_else(|| lost("a message"))?;
        Ok(message::scheduled(process, schedule, entry, &kept.item))
    }

    /// Makes a process ready, after exactly so many entries; answers with its place among those that are.
    async fn bring(&mut self, process: &Id, count: usize) -> Result<usize> {
        let place = self.live.iter().position(|live| live.process == *process);
        let live = place.map(|place| self.live.remove(place));
        let (mut state, mut at) = match live.filter(|live| live.at <= count) {
            Some(Live { state, at, .. }) => (state, at),
            None => {
                self.make_room().await?;
                self.base(process, count).await?
            }
        };
        // Whatever happens meanwhile, what is not put back is made anew.
        while at < count {
            self.replay(process, &mut state, at).await?;
            at += 1;
        }
        let process = *process;
        self.live.push(Live { process, at, state });
        Ok(self.live.len() - 1)
    }

    /// A process as it was after so many entries, on its own: what happens to it, happens to nobody else.
    pub(super) async fn state(&mut self, process: &Id, count: usize) -> Result<Process> {
        let (mut state, at) = self.base(process, count).await?;
        for index in at..count {
            self.replay(process, &mut state, index).await?;
        }
        Ok(state)
    }

    async fn replay(&self, process: &Id, state: &mut Process, index: usize) -> Result<()> {
        match state.handle(&self.heard(process, index).await?) {
            // It failed the first time, too.
            Err(error) if !is_fault(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// The nearest state from which one can go on, and after how many entries it is.
    async fn base(&mut self, process: &Id, count: usize) -> Result<(Process, usize)> {
        let schedule = self.schedules.get(process).ok_or_else(|| lost("a schedule"))?;
        let id = schedule.module;
        let fork = match schedule.entries.first().map(|entry| &entry.kind) {
            Some(Kind::Fork { process, index, .. }) => Some((*process, *index)),
            _ => None,
        };
        let Loaded { module, owner, tags } = self.module(&id).await?;
        let schedule = self.schedules.get(process).ok_or_else(|| lost("a schedule"))?;
        let environment = message::environment(process, schedule, (owner, &tags));
        for (name, at) in self
            .snapshots(process)
            .await?
            .into_iter()
            .rev()
            .filter(|(_, at)| *at <= count)
        {
            let Some(bytes) = self.host.get(&name).await? else {
                continue;
            };
            match module.resume(&environment, &bytes) {
                // One that the crash of a machine has damaged: the schedule is there.
                Err(error) if error.kind() == ErrorKind::BadSnapshot => {}
                resumed => return Ok((resumed?, at)),
            }
        }
        match fork {
            None => Ok((module.instantiate(&environment)?, 0)),
            Some((parent, index)) => {
                self.know(&parent).await?;
                let mut parent = Box::pin(self.state(&parent, index + 1)).await?;
                let image = parent.snapshot()?;
                Ok((module.resume(&environment, &image)?, 1))
            }
        }
    }

    /// Takes snapshots of the processes that are ready to run, so that the next to open the network need not evaluate
    /// again what they have heard since the last ones. For times when nobody waits, and for the end.
    ///
    /// # Errors
    /// `Storage`, `OutOfMemory`.
    pub async fn rest(&mut self) -> Result<()> {
        for place in 0..self.live.len() {
            self.save(place).await?;
        }
        Ok(())
    }

    /// Sees to it that another process can be made ready: those that have not run for the longest time go.
    async fn make_room(&mut self) -> Result<()> {
        loop {
            let held: u64 = self.live.iter().map(|live| live.state.held()).sum();
            let full = self.live.len() >= self.options.live.max(1) || held > self.options.live_memory;
            if self.live.is_empty() || !full {
                return Ok(());
            }
            self.save(0).await?;
            self.live.remove(0);
        }
    }

    async fn save(&mut self, place: usize) -> Result<()> {
        let Some(Live { process, at, .. }) = self.live.get(place) else {
            return Ok(());
        };
        let (process, at) = (*process, *at);
        if at == 0 || self.host.get(&store::snapshot_name(&process, at)).await?.is_some() {
            return Ok(());
        }
        self.try_snapshot(place).await
    }

    async fn keep_snapshot(&mut self, process: &Id, count: usize) -> Result<()> {
        let mut live = self.live.iter();
        let place = live.position(|live| live.process == *process && live.at == count);
        match place {
            Some(place) => self.try_snapshot(place).await,
            None => Ok(()),
        }
    }

    /// Where there is no room for a snapshot there is none: the schedule has everything. It is no fault of whoever runs next.
    async fn try_snapshot(&mut self, place: usize) -> Result<()> {
        let Live { process, at, state } = &mut self.live[place];
        let (process, at) = (*process, *at);
        match state.snapshot() {
            Ok(snapshot) => self.put_snapshot(&process, at, &snapshot).await,
            Err(error) if error.kind() == ErrorKind::OutOfMemory => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn put_snapshot(&self, process: &Id, count: usize, snapshot: &[u8]) -> Result<()> {
        self.host.put(&store::snapshot_name(process, count), snapshot).await?;
        let mut kept = self.snapshots(process).await?;
        // The latest stays, so does that with which a fork begins, and the others do at even distances.
        let first = usize::from(kept.first().is_some_and(|(_, count)| *count == 1));
        while kept.len() > self.options.snapshots.max(1) + first {
            let distance = |at: usize| kept[at + 1].1 - at.checked_sub(1).map_or(0, |before| kept[before].1);
            let Some(least) = (first..kept.len() - 1).min_by_key(|at| distance(*at)) else {
                break;
            };
            let (name, _) = kept.remove(least);
            self.host.remove(&name).await?;
        }
        Ok(())
    }

    /// The names of a process's snapshots, and after how many entries they are; in order.
    async fn snapshots(&self, process: &Id) -> Result<Vec<(String, usize)>> {
        let names = self.host.names(&format!("snapshot/{process}/")).await?;
        let counted = names.into_iter().filter_map(|name| {
            let count = name.rsplit('/').next()?.parse().ok()?;
            Some((name, count))
        });
        Ok(counted.collect())
    }
}

impl Outcome {
    fn new(result: String, pushed: Vec<Value>) -> Result<Self> {
        let result = RawValue::from_string(result).map_err(|_| lost("a result that is JSON"))?;
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
        let mut result = String::from("{");
        if evaluation.failed() {
            result += &format!(r#""Error":{},"#, raw(&parts.error, "null"));
        }
        result += &format!(
            r#""Output":{},"Messages":{},"Spawns":{},"Assignments":{},"Patches":{},"GasUsed":{}}}"#,
            raw(&parts.output, r#""""#),
            raw(&parts.messages, "[]"),
            raw(&parts.spawns, "[]"),
            raw(&parts.assignments, "[]"),
            raw(&parts.patches, "[]"),
            evaluation.gas_used
        );
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
            result: r#"{"Output":"","Messages":[],"Spawns":[],"Assignments":[],"Patches":[],"GasUsed":0}"#.into(),
            messages: Vec::new(),
            spawns: Vec::new(),
            assignments: Vec::new(),
            unreadable: None,
        }
    }

    fn failed(error: &Error) -> Self {
        let mut failed = Self::nothing();
        let error = Value::from(error.message());
        failed.result = format!(r#"{{"Error":{error},{}"#, &failed.result[1..]);
        failed
    }
}

/// Whether the module is at fault, or its code: the message then has come to an error, and always will.
fn is_fault(error: &Error) -> bool {
    use ErrorKind::{BadArgument, BadModule, EngineTrap, NotFound, OutOfGas, OutOfMemory, Unsupported};
    matches!(
        error.kind(),
        EngineTrap | OutOfGas | OutOfMemory | BadModule | Unsupported | NotFound | BadArgument
    )
}
