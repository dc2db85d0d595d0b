//! Processes: a module with a memory, which messages change.

use super::engine::{Guest, Instance, Value};
use super::evaluation::Evaluation;
use super::format::Layout;
use super::image::Image;
use super::imports::read_string;
use super::live::{Marks, check, live, marks, set_marks};
use super::module::Module;
use super::run::{self, run};
use super::snapshot;
use super::trap::Trap;
use crate::error::{Error, ErrorKind, Result};

/// A process. Its state is its linear memory, and the answer that its clock gives next.
pub struct Process {
    module: Module,
    environment: String,
    /// Absent when it could not be put back after a failure; it is then made anew.
    instance: Option<Box<dyn Instance>>,
    watched: bool,
    /// The state before the message that runs.
    image: Image,
    clock: f64,
    /// Those that belong to the image.
    marks: Option<Marks>,
    /// Whether the image is still behind the instance.
    behind: bool,
    /// What has been evaluated since the image was taken.
    since: Vec<String>,
}

/// How many bytes of messages are kept rather than a new image.
const MOST_KEPT: usize = 1 << 18;

/// What is to become of a message's traces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Commit,
    Forget,
}

impl Process {
    pub(super) fn new(module: Module, environment: &str, instance: Box<dyn Instance>, watched: bool) -> Result<Self> {
        check_text(environment, "environment")?;
        Ok(Self {
            module,
            environment: environment.to_owned(),
            instance: Some(instance),
            watched,
            image: Image::default(),
            clock: 0.0,
            marks: None,
            behind: true,
            since: Vec::new(),
        })
    }

    /// Evaluates a message, as JSON: `{"Id", "From", "Owner", "Target", "Tags", "Data", "Timestamp", …}`. Its effects
    /// stay, unless the evaluation carries an error: then the process is as it was, as at a compute unit.
    ///
    /// # Errors
    /// `EngineTrap`, `OutOfGas`, `OutOfMemory`, `Stopped`, and `BadModule` for a module with invalid code; after each,
    /// the process is exactly as it was before the message.
    pub fn handle(&mut self, message: &str) -> Result<Evaluation> {
        self.evaluate(message, Mode::Commit)
    }

    /// What [`handle`](Self::handle) would answer; the process stays exactly as it is.
    ///
    /// # Errors
    /// As [`handle`](Self::handle).
    pub fn dryrun(&mut self, message: &str) -> Result<Evaluation> {
        self.evaluate(message, Mode::Forget)
    }

    /// The state in a few hundred kilobytes, for [`Module::resume`].
    ///
    /// # Errors
    /// `OutOfMemory` when the process could not be put back after a failure.
    pub fn snapshot(&mut self) -> Result<Vec<u8>> {
        self.keep()?;
        Ok(snapshot::write(&self.image, self.clock, &self.module.hash()))
    }

    /// The state as a compute unit's checkpoint: raw memory, compressed with gzip.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn checkpoint(&mut self) -> Result<Vec<u8>> {
        self.keep()?;
        Ok(snapshot::write_checkpoint(&self.image))
    }

    /// SHA-256 of raw memory: the checkpoint's tag `SHA-256`, before it is written in hexadecimal.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn memory_hash(&mut self) -> Result<[u8; 32]> {
        self.keep()?;
        Ok(snapshot::memory_hash(&self.image))
    }

    /// Bytes of linear memory.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn memory_size(&mut self) -> Result<u64> {
        self.catch_up()?;
        Ok(self.image.size())
    }

    /// Gives the memory back; the next message goes on from the image of it.
    #[cfg(feature = "local")]
    pub(crate) fn doze(&mut self) -> Result<()> {
        self.keep()?;
        self.instance = None;
        Ok(())
    }

    #[cfg(feature = "local")]
    pub(crate) fn is_awake(&self) -> bool {
        self.instance.is_some()
    }

    /// What the process holds, in bytes: its memory, as it was when its image was last made, and the image.
    #[cfg(feature = "local")]
    pub(crate) fn held(&self) -> u64 {
        let stored = self.image.stored();
        let memory = match self.module.engine() {
            _ if !self.is_awake() => 0,
            // The host gives memory when something is first written there.
            "native" => stored,
            _ => self.image.size(),
        };
        memory + stored
    }

    pub fn module(&self) -> &Module {
        &self.module
    }

    fn evaluate(&mut self, message: &str, mode: Mode) -> Result<Evaluation> {
        check_text(message, "message")?;
        if self.module.is_stopped() {
            return Err(Trap::Stopped.into());
        }
        if self.needs_image(mode) {
            self.catch_up()?;
        }
        let mut outcome = self.attempt(message);
        if outcome == Err(Trap::Watch) {
            self.watched = true;
            self.replace()?;
            outcome = self.attempt(message);
        }
        let evaluation = outcome.and_then(|(answer, gas)| Evaluation::read(&answer, gas, self.module.engine()));
        match &evaluation {
            Ok(evaluation) if mode == Mode::Commit && !evaluation.failed() => {
                self.behind = true;
                self.since.push(message.to_owned());
            }
            Ok(_) => self.put_back()?,
            // Whatever was interrupted may have left more than memory behind.
            Err(_) => self.replace()?,
        }
        Ok(evaluation?)
    }

    /// Whether the image must be that of now before a message. One that stays may be undone by going back further, and
    /// evaluating again what came in between.
    fn needs_image(&self, mode: Mode) -> bool {
        let kept = self.since.iter().map(String::len).sum::<usize>();
        let far = self.since.is_empty() || self.since.len() >= self.module.stride() || kept > MOST_KEPT;
        self.instance.is_none() || self.behind && (mode == Mode::Forget || far)
    }

    fn attempt(&mut self, message: &str) -> std::result::Result<(String, u64), Trap> {
        let mut answer = None;
        let environment = &self.environment;
        let instance = self.instance.as_mut().ok_or(Trap::OutOfMemory)?;
        run(&mut **instance, &mut |guest| {
            answer = Some(handle(guest, message, environment)?);
            Ok(())
        })?;
        answer.ok_or(Trap::Stopped)
    }

    /// Makes the image equal to the state, if it is not yet.
    fn catch_up(&mut self) -> Result<()> {
        if self.instance.is_none() {
            self.replace()?;
        }
        if let Some(instance) = self.instance.as_mut().filter(|_| self.behind) {
            let (image, clock, its_marks) = (&mut self.image, &mut self.clock, &mut self.marks);
            instance.look(&mut |guest| {
                *clock = guest.host().clock();
                *its_marks = marks(guest);
                let live = live(guest);
                image.follow(guest, &live)
            })?;
            self.behind = false;
            self.since.clear();
        }
        Ok(())
    }

    /// As `catch_up`, for an image that leaves here: to the last byte.
    fn keep(&mut self) -> Result<()> {
        if let Some(instance) = &mut self.instance {
            instance.look(&mut check)?;
            self.behind = true;
        } else if !self.behind && self.since.is_empty() {
            return Ok(());
        }
        self.catch_up()
    }

    /// Undoes what a message that came to its end has done.
    fn put_back(&mut self) -> Result<()> {
        let (image, clock, marks) = (&self.image, self.clock, self.marks);
        let mut grown = false;
        if let Some(instance) = &mut self.instance {
            instance.look(&mut |guest| {
                guest.host().set_clock(clock);
                grown = guest.size() != image.size();
                if grown {
                    return Ok(());
                }
                let live = live(guest);
                image.restore(guest, &live)?;
                if let Some(marks) = marks {
                    set_marks(guest, marks);
                }
                Ok(())
            })?;
        }
        // Memory cannot shrink.
        if grown { self.replace() } else { self.repeat() }
    }

    /// A fresh instance with the state from before the message.
    fn replace(&mut self) -> Result<()> {
        self.instance = None;
        let instance = self.module.restored(&self.image, Some(self.clock), self.watched)?;
        self.instance = Some(instance);
        self.repeat()
    }

    /// Goes on from the image to the state from before the message. Modules are deterministic: it has worked before.
    fn repeat(&mut self) -> Result<()> {
        let environment = &self.environment;
        for message in &self.since {
            let instance = self.instance.as_mut().ok_or(Trap::OutOfMemory)?;
            let again = run::again(&mut **instance, &mut |guest| {
                handle(guest, message, environment).map(drop)
            });
            if let Err(trap) = again {
                self.instance = None;
                return Err(trap.into());
            }
        }
        Ok(())
    }
}

fn check_text(text: &str, what: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::new(
            ErrorKind::BadArgument,
            format!("The {what} is not JSON: it contains a zero byte"),
        ));
    }
    Ok(())
}

/// Calls `handle`, and copies what it points to.
fn handle(guest: &mut dyn Guest, message: &str, environment: &str) -> std::result::Result<(String, u64), Trap> {
    let stack = guest.host().layout.stack();
    let saved = match stack {
        Some([save, ..]) => guest.call(save, &[])?,
        None => None,
    };
    let message = put(guest, message)?;
    let environment = put(guest, environment)?;
    let answer = guest.call("handle", &[message, environment])?.unwrap_or(Value::I32(0));
    if let (Some([_, restore, _]), Some(saved)) = (stack, saved) {
        guest.call(restore, &[saved])?;
    }
    // The answer stays where it is until the next call.
    let answer = read_string(guest, answer.unsigned())?;
    if stack.is_none() && guest.host().layout.has("free") {
        guest.call("free", &[message])?;
        guest.call("free", &[environment])?;
    }
    // Lua's strings are bytes, and what its JSON makes of them need not be UTF-8.
    let answer =
        String::from_utf8(answer).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    // What an engine that does not count makes others pay is no gas of the network's.
    let gas = if guest.host().layout.metered {
        run::gas(guest)
    } else {
        0
    };
    Ok((answer, gas))
}

/// Puts a C string onto the module's stack, or into its heap where it has no stack or the string does not fit.
fn put(guest: &mut dyn Guest, text: &str) -> std::result::Result<Value, Trap> {
    let length = text.len() as u64 + 1;
    let layout = guest.host().layout.clone();
    let allocate = match layout.stack() {
        Some([_, _, allocate]) if fits(guest, &layout, length)? => allocate,
        _ => "malloc",
    };
    let length = i64::try_from(length).map_err(|_| Trap::OutOfMemory)?;
    let at = guest.call(allocate, &[Value::I64(length)])?.unwrap_or(Value::I32(0));
    let address = at.unsigned();
    if address == 0 {
        return Err(Trap::failed("it has no room for the message"));
    }
    guest.write(address, text.as_bytes()).ok_or(Trap::OutOfBounds)?;
    guest
        .write(address + text.len() as u64, &[0])
        .ok_or(Trap::OutOfBounds)?;
    Ok(at)
}

fn fits(guest: &mut dyn Guest, layout: &Layout, length: u64) -> std::result::Result<bool, Trap> {
    /// For the functions that run on top of it. Some modules have 64 KiB in all, and where a message lies decides the
    /// order in which Lua walks through its tables.
    const RESERVE: u64 = 0x4000;
    if !layout.has("emscripten_stack_get_free") {
        return Ok(true);
    }
    let free = guest.call("emscripten_stack_get_free", &[])?.map_or(0, Value::unsigned);
    Ok(length.saturating_add(RESERVE) <= free)
}
