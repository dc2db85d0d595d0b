//! Modules: the programs that processes run.

use std::cell::OnceCell;
use std::rc::Rc;

use super::binary::Binary;
use super::engine::{Compiled, Engine, Guest, Instance, WasmValue};
use super::format::{Format, Layout};
use super::instance_state::InstanceState;
use super::instrument::{Checks, instrument};
use super::limits::{Limits, Stop};
use super::memory::extent;
use super::memory::image::Image;
use super::run::{run, set_limits};
use super::snapshot;
use super::trap::Trap;
use super::weavedrive::WeaveDrive;
use crate::error::{Error, ErrorKind, Result};

/// A compiled module. Its processes share the compiled code.
#[derive(Clone)]
pub struct Module {
    compiled: Rc<dyn Compiled>,
    layout: Rc<Layout>,
    source: Rc<ModuleBytes>,
    engine: &'static str,
    snapshot_interval: usize,
    limits: Limits,
    drive: Option<Rc<dyn WeaveDrive>>,
}

/// The bytes of a module. Their hash is computed on demand: only snapshots need it, and it takes longer than the rest
/// of loading.
struct ModuleBytes {
    bytes: Box<[u8]>,
    hash: OnceCell<[u8; 32]>,
}

impl Module {
    /// Loads a module from its bytes. `format` is the value of its tag `Module-Format`, where it is known.
    ///
    /// # Errors
    /// `BadModule` for bytes that are not an AO module. `Unsupported` for a module that needs a host function, a format
    /// or a WebAssembly feature that is not available.
    pub fn load(engine: &dyn Engine, bytes: &[u8], format: Option<&str>) -> Result<Self> {
        Self::load_within(engine, bytes, format, Limits::default())
    }

    /// As [`load`](Self::load), with limits for its processes.
    ///
    /// # Errors
    /// As [`load`](Self::load). `OutOfMemory` where the module starts with more memory than the limit.
    pub fn load_within(engine: &dyn Engine, bytes: &[u8], format: Option<&str>, mut limits: Limits) -> Result<Self> {
        let mut binary = Binary::read(bytes)?;
        let layout = Layout::of(&binary, format)?;
        check_initial(&layout, &limits)?;
        let priced = limits.compute < Limits::DEFAULT_COMPUTE;
        let pays = layout.metered || priced && !engine.counts_instructions();
        let checks = match &limits.stop {
            // Metering is checked on every engine. Other code is only changed for the interpreter: on the host's
            // WebAssembly a check takes a larger part of the time.
            Some(stop) if stop.asks() => match (pays, engine.counts_instructions()) {
                (true, true) => Checks::WhenPaying,
                (true, false) => Checks::AfterPaying,
                (false, true) => Checks::InLoops,
                (false, false) => Checks::None,
            },
            _ => Checks::None,
        };
        let instrumented = instrument(bytes, &binary, &layout, pays, checks)?;
        if instrumented.checks {
            limits.stop = limits.stop.map(Stop::checked_in_code);
        }
        binary.vectors |= instrumented.vectors;
        binary.exceptions |= instrumented.exceptions;
        let limited = limits.stop.as_ref().is_some_and(Stop::needs_engine) || priced && !layout.metered;
        Ok(Self {
            compiled: engine.compile(&instrumented.bytes.into(), &Rc::new(binary), limited)?,
            layout: Rc::new(layout),
            source: Rc::new(ModuleBytes {
                bytes: bytes.into(),
                hash: OnceCell::new(),
            }),
            engine: engine.name(),
            snapshot_interval: engine.snapshot_interval(),
            limits,
            drive: None,
        })
    }

    /// Sets the source of Arweave's files for processes that are started from now on.
    pub fn set_weavedrive(&mut self, drive: Rc<dyn WeaveDrive>) {
        self.drive = Some(drive);
    }

    pub fn format(&self) -> Format {
        self.layout.format
    }

    /// The name of the engine that runs the module.
    pub fn engine(&self) -> &'static str {
        self.engine
    }

    pub(super) fn snapshot_interval(&self) -> usize {
        self.snapshot_interval
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.limits.stopped()
    }

    /// SHA-256 of the module's bytes. Snapshots contain it.
    pub fn hash(&self) -> [u8; 32] {
        let ModuleBytes { bytes, hash } = &*self.source;
        *hash.get_or_init(|| snapshot::hash(bytes))
    }

    pub(super) fn boot(&self, interruptible: bool) -> std::result::Result<Box<dyn Instance>, Trap> {
        let mut instance = self.fresh(interruptible, None)?;
        for (name, is_main) in self.layout.startup() {
            run(&mut *instance, &mut |guest| start(guest, name, is_main))?;
        }
        instance.inspect(&mut find_stack)?;
        Ok(instance)
    }

    /// Creates an instance whose memory equals the image, without running the functions that start a module.
    pub(super) fn restored(
        &self,
        image: &Image,
        clock: Option<f64>,
        interruptible: bool,
    ) -> std::result::Result<Box<dyn Instance>, Trap> {
        let mut instance = self.fresh(interruptible, clock)?;
        // Not `run`: a process must also be restored after a stop.
        instance.inspect(&mut |guest| {
            if guest.state().layout.has("emscripten_stack_init") {
                guest.call("emscripten_stack_init", &[])?;
            }
            find_stack(guest)?;
            // Before growing, since the memory that this adds is empty.
            let used = extent::used_ranges(guest);
            if guest.size() < image.size() {
                guest.grow(image.size())?;
            }
            image.restore(guest, &used)?;
            if let Some(stack) = guest.state().stack {
                extent::set_high_water(guest, extent::high_water_of(stack, image));
            }
            Ok(())
        })?;
        Ok(instance)
    }

    fn fresh(&self, interruptible: bool, clock: Option<f64>) -> std::result::Result<Box<dyn Instance>, Trap> {
        let mut state = InstanceState::new(self.layout.clone(), self.limits.clone(), self.drive.clone());
        if let Some(clock) = clock {
            state.set_clock(clock);
        }
        let mut instance = self.compiled.instantiate(state, interruptible)?;
        instance.inspect(&mut |guest| {
            set_limits(guest);
            Ok(())
        })?;
        Ok(instance)
    }
}

fn check_initial(layout: &Layout, limits: &Limits) -> Result<()> {
    if layout.initial <= limits.memory {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::OutOfMemory,
        format!(
            "The module starts with {} bytes of memory, and memoryLimit is {}. Raise memoryLimit",
            layout.initial, limits.memory
        ),
    ))
}

fn find_stack(guest: &mut dyn Guest) -> std::result::Result<(), Trap> {
    let stack = extent::c_stack(guest)?;
    guest.state().stack = stack;
    Ok(())
}

fn start(guest: &mut dyn Guest, name: &str, is_main: bool) -> std::result::Result<(), Trap> {
    let nothing = [WasmValue::I32(0); 2];
    match guest.call(name, if is_main { &nothing } else { &[] }) {
        // A program may end with `exit(0)` when it has set itself up.
        Ok(_) | Err(Trap::Exit(0)) => Ok(()),
        Err(trap) => Err(trap),
    }
}
