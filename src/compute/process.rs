//! Processes: instances of a module, whose memory messages change.

use flate2::Compression;

use super::deflate;
use super::engine::{Guest, Instance, WasmValue};
use super::evaluation::ProcessEvaluation;
use super::format::Layout;
use super::imports::host_function::read_string;
use super::memory::extent::{HighWater, high_water, include_stray_writes, set_high_water, used_ranges};
use super::memory::image::Image;
use super::module::Module;
use super::run::{self, run};
use super::snapshot;
use super::trap::Trap;
use crate::error::{Error, ErrorKind, Result};

/// A process. Its state is its linear memory, and the next value of its clock.
pub struct Process {
    module: Module,
    environment: String,
    /// `None` where it could not be restored after a failure, or its memory was released. It is created again on
    /// demand.
    instance: Option<Box<dyn Instance>>,
    interruptible: bool,
    /// A copy of memory from before the message that runs, or from before `messages_since_image`.
    image: Image,
    clock: f64,
    /// The high-water marks that belong to the image.
    high_water: Option<HighWater>,
    /// Whether the instance has changed since the image was taken.
    image_is_stale: bool,
    /// The messages that were evaluated since the image was taken.
    messages_since_image: Vec<String>,
}

/// The most bytes of messages that are kept before a new image is taken.
const MAX_KEPT_BYTES: usize = 1 << 18;

/// Whether the effects of a message stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Commit,
    Discard,
}

impl Process {
    pub(super) fn new(
        module: Module,
        environment: &str,
        instance: Box<dyn Instance>,
        interruptible: bool,
    ) -> Result<Self> {
        check_text(environment, "environment")?;
        Ok(Self {
            module,
            environment: environment.to_owned(),
            instance: Some(instance),
            interruptible,
            image: Image::default(),
            clock: 0.0,
            high_water: None,
            image_is_stale: true,
            messages_since_image: Vec::new(),
        })
    }

    /// Evaluates a message, as JSON: `{"Id", "From", "Owner", "Target", "Tags", "Data", "Timestamp", …}`.
    ///
    /// The effects stay, unless the evaluation carries an error: then the process has the state from before the
    /// message, as at a compute unit.
    ///
    /// # Errors
    /// `EngineTrap`, `OutOfGas`, `OutOfMemory`, `Stopped`, and `BadModule` for a module with invalid code. After each,
    /// the process has the state from before the message.
    pub fn handle(&mut self, message: &str) -> Result<ProcessEvaluation> {
        self.evaluate(message, Mode::Commit)
    }

    /// Evaluates a message as [`handle`](Self::handle) does, and undoes its effects.
    ///
    /// # Errors
    /// As [`handle`](Self::handle).
    pub fn dryrun(&mut self, message: &str) -> Result<ProcessEvaluation> {
        self.evaluate(message, Mode::Discard)
    }

    /// Writes the state as a snapshot for [`Module::resume`]. That of an aos process has a few hundred kilobytes.
    ///
    /// # Errors
    /// `OutOfMemory` where the process could not be restored after a failure.
    pub fn snapshot(&mut self) -> Result<Vec<u8>> {
        self.snapshot_with(deflate::LEVEL)
    }

    /// As [`snapshot`](Self::snapshot), in less time. The result is a little larger.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    #[cfg(feature = "local")]
    pub(crate) fn quick_snapshot(&mut self) -> Result<Vec<u8>> {
        self.snapshot_with(deflate::FASTER)
    }

    fn snapshot_with(&mut self, level: Compression) -> Result<Vec<u8>> {
        self.capture()?;
        Ok(snapshot::write(&self.image, self.clock, &self.module.hash(), level))
    }

    /// Writes the state as a compute unit's checkpoint: raw memory, compressed with gzip.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn checkpoint(&mut self) -> Result<Vec<u8>> {
        self.capture()?;
        Ok(snapshot::write_checkpoint(&self.image))
    }

    /// SHA-256 of raw memory. A checkpoint's tag `SHA-256` has it in hexadecimal.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn memory_hash(&mut self) -> Result<[u8; 32]> {
        self.capture()?;
        Ok(snapshot::memory_hash(&self.image))
    }

    /// Bytes of linear memory.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn memory_size(&mut self) -> Result<u64> {
        self.update_image()?;
        Ok(self.image.size())
    }

    /// Undoes the last message, whose effects stayed.
    #[cfg(feature = "local")]
    pub(crate) fn revert(&mut self) -> Result<()> {
        self.messages_since_image.pop();
        self.undo()
    }

    /// Releases the instance's memory. The next message continues from the image.
    #[cfg(feature = "local")]
    pub(crate) fn release_memory(&mut self) -> Result<()> {
        self.capture()?;
        self.instance = None;
        Ok(())
    }

    #[cfg(feature = "local")]
    pub(crate) fn is_loaded(&self) -> bool {
        self.instance.is_some()
    }

    /// Bytes that the process takes: its memory, as of the last image, and the image.
    #[cfg(feature = "local")]
    pub(crate) fn memory_use(&self) -> u64 {
        let stored = self.image.stored_bytes();
        let memory = match self.module.engine() {
            _ if !self.is_loaded() => 0,
            // The browser allocates memory when something is first written to it.
            "native" => stored,
            _ => self.image.size(),
        };
        memory + stored
    }

    pub fn module(&self) -> &Module {
        &self.module
    }

    fn evaluate(&mut self, message: &str, mode: Mode) -> Result<ProcessEvaluation> {
        check_text(message, "message")?;
        if self.module.is_stopped() {
            return Err(Trap::Stopped.into());
        }
        if self.needs_fresh_image(mode) {
            self.update_image()?;
        }
        let mut outcome = self.attempt(message);
        // A new instance takes a while to create.
        if outcome == Err(Trap::NeedsInterruptible) && self.module.is_stopped() {
            outcome = Err(Trap::Stopped);
        }
        if outcome == Err(Trap::NeedsInterruptible) {
            self.interruptible = true;
            self.recreate()?;
            outcome = self.attempt(message);
        }
        let evaluation = outcome.and_then(|(answer, gas)| ProcessEvaluation::read(&answer, gas, self.module.engine()));
        match &evaluation {
            Ok(evaluation) if mode == Mode::Commit && !evaluation.keeps_old_state() => {
                self.image_is_stale = true;
                self.messages_since_image.push(message.to_owned());
            }
            Ok(_) => self.undo()?,
            // An interrupted run may have changed more than memory: globals, tables, the host's state.
            Err(_) => self.recreate()?,
        }
        Ok(evaluation?)
    }

    /// Whether a new image is needed before a message. A message whose effects stay is undone from an older image, by
    /// evaluating the messages in between again.
    fn needs_fresh_image(&self, mode: Mode) -> bool {
        let kept = self.messages_since_image.iter().map(String::len).sum::<usize>();
        let far = self.messages_since_image.is_empty()
            || self.messages_since_image.len() >= self.module.snapshot_interval()
            || kept > MAX_KEPT_BYTES;
        self.instance.is_none() || self.image_is_stale && (mode == Mode::Discard || far)
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

    /// Takes a new image if the instance has changed since the last one.
    fn update_image(&mut self) -> Result<()> {
        if self.instance.is_none() {
            self.recreate()?;
        }
        if let Some(instance) = self.instance.as_mut().filter(|_| self.image_is_stale) {
            let (image, clock, its_high_water) = (&mut self.image, &mut self.clock, &mut self.high_water);
            instance.inspect(&mut |guest| {
                *clock = guest.state().clock();
                *its_high_water = high_water(guest);
                let used = used_ranges(guest);
                image.copy_from(guest, &used)
            })?;
            self.image_is_stale = false;
            self.messages_since_image.clear();
        }
        Ok(())
    }

    /// As `update_image`, for an image that leaves this machine: searches unused memory as well.
    fn capture(&mut self) -> Result<()> {
        if let Some(instance) = &mut self.instance {
            instance.inspect(&mut include_stray_writes)?;
            self.image_is_stale = true;
        } else if !self.image_is_stale && self.messages_since_image.is_empty() {
            return Ok(());
        }
        self.update_image()
    }

    /// Undoes the effects of a message that ended without a trap.
    fn undo(&mut self) -> Result<()> {
        let (image, clock, high_water) = (&self.image, self.clock, self.high_water);
        let mut grown = false;
        if let Some(instance) = &mut self.instance {
            instance.inspect(&mut |guest| {
                guest.state().set_clock(clock);
                grown = guest.size() != image.size();
                if grown {
                    return Ok(());
                }
                let used = used_ranges(guest);
                image.restore(guest, &used)?;
                if let Some(high_water) = high_water {
                    set_high_water(guest, high_water);
                }
                Ok(())
            })?;
        }
        // Memory cannot shrink, so that an instance which grew is replaced.
        if grown { self.recreate() } else { self.replay() }
    }

    /// Replaces the instance by a new one with the state from before the message.
    fn recreate(&mut self) -> Result<()> {
        self.instance = None;
        let instance = self
            .module
            .restored(&self.image, Some(self.clock), self.interruptible)?;
        self.instance = Some(instance);
        self.replay()
    }

    /// Evaluates the messages since the image again, which leads to the state from before the message: modules are
    /// deterministic.
    fn replay(&mut self) -> Result<()> {
        let environment = &self.environment;
        for message in &self.messages_since_image {
            let instance = self.instance.as_mut().ok_or(Trap::OutOfMemory)?;
            let again = run::uninterrupted(&mut **instance, &mut |guest| {
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

/// Calls `handle`, and copies the text to which its result points.
fn handle(guest: &mut dyn Guest, message: &str, environment: &str) -> std::result::Result<(String, u64), Trap> {
    let stack = guest.state().layout.stack();
    let saved = match stack {
        Some([save, ..]) => guest.call(save, &[])?,
        None => None,
    };
    let message = put(guest, message)?;
    let environment = put(guest, environment)?;
    let answer = guest
        .call("handle", &[message, environment])?
        .unwrap_or(WasmValue::I32(0));
    if let (Some([_, restore, _]), Some(saved)) = (stack, saved) {
        guest.call(restore, &[saved])?;
    }
    // Restoring the stack does not move the result: it stays valid until the next call.
    let answer = read_string(guest, answer.unsigned())?;
    if stack.is_none() && guest.state().layout.has("free") {
        guest.call("free", &[message])?;
        guest.call("free", &[environment])?;
    }
    // Lua's strings are bytes, and its JSON encoder passes on bytes that are not UTF-8.
    let answer =
        String::from_utf8(answer).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    // For other modules the counter may hold instructions that were counted for a limit. They are no gas.
    let gas = if guest.state().layout.metered {
        run::gas(guest)
    } else {
        0
    };
    Ok((answer, gas))
}

/// Writes a C string to the module's stack, or to its heap where it has no stack or the string does not fit.
fn put(guest: &mut dyn Guest, text: &str) -> std::result::Result<WasmValue, Trap> {
    let length = text.len() as u64 + 1;
    let layout = guest.state().layout.clone();
    let allocate = match layout.stack() {
        Some([_, _, allocate]) if fits(guest, &layout, length)? => allocate,
        _ => "malloc",
    };
    let length = i64::try_from(length).map_err(|_| Trap::OutOfMemory)?;
    let at = guest
        .call(allocate, &[WasmValue::I64(length)])?
        .unwrap_or(WasmValue::I32(0));
    let address = at.unsigned();
    if address == 0 {
        return Err(Trap::failed("it has no memory for the message"));
    }
    guest.write(address, text.as_bytes()).ok_or(Trap::OutOfBounds)?;
    guest
        .write(address + text.len() as u64, &[0])
        .ok_or(Trap::OutOfBounds)?;
    Ok(at)
}

fn fits(guest: &mut dyn Guest, layout: &Layout, length: u64) -> std::result::Result<bool, Trap> {
    /// Bytes of stack that are left for the functions of the module. Some modules have 64 KiB in all. The value must
    /// not change: the address of a message decides the order in which Lua iterates over its tables.
    const RESERVE: u64 = 0x4000;
    if !layout.has("emscripten_stack_get_free") {
        return Ok(true);
    }
    let free = guest
        .call("emscripten_stack_get_free", &[])?
        .map_or(0, WasmValue::unsigned);
    Ok(length.saturating_add(RESERVE) <= free)
}
