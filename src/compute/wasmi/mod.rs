//! The engine that runs everywhere: the interpreter of the crate `wasmi`.

mod convert;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use wasmi::errors::HostError;
use wasmi::{
    AsContextMut, Caller, CompilationMode, Config, Extern, Func, Global, Memory as WasmiMemory, Module, ResumableCall,
    Store, StoreContextMut, StoreLimits, StoreLimitsBuilder, Table, Val,
};

use crate::compute::binary::{Binary, Import, ValueType};
use crate::compute::engine::{Compiled, Engine, Guest, Instance, Job, Memory, WasmValue};
use crate::compute::imports::Imports;
use crate::compute::instance_state::InstanceState;
use crate::compute::limits::Stop;
use crate::compute::memory::WASM_PAGE;
use crate::compute::trap::Trap;
use crate::error::{Error, ErrorKind, Result};
use convert::{trap, val, val_type, value, value_type};

type Run<T = ()> = std::result::Result<T, Trap>;

/// How deep calls may be nested. The Lua parser's own limit is near 2,000.
const MAX_CALLS: usize = 10_000;
/// The most bytes of values on the stack of one call from the host.
const MAX_STACK: usize = 2 << 20;
/// The most entries of tables, which is more than any known module declares.
const MAX_TABLE: usize = 1 << 20;
const MAX_TABLES: usize = 16;
/// The fuel after which an evaluation is run in an interruptible instance, and between two checks of the stop signal
/// there. It lasts about 100 ms.
const SLICE: u64 = 50_000_000;

/// The interpreter of the crate `wasmi`.
#[derive(Debug, Clone, Default)]
pub struct Wasmi;

impl Wasmi {
    pub fn new() -> Self {
        Self
    }
}

/// `fuel` makes the engine count instructions, which takes a tenth of the time.
fn engine(mode: CompilationMode, fuel: bool) -> wasmi::Engine {
    let mut config = Config::default();
    config
        .consume_fuel(fuel)
        .compilation_mode(mode)
        .ignore_custom_sections(true)
        .wasm_multi_memory(false)
        .set_max_recursion_depth(MAX_CALLS)
        .set_max_stack_height(MAX_STACK)
        .set_max_cached_stacks(8);
    wasmi::Engine::new(&config)
}

impl Engine for Wasmi {
    fn name(&self) -> &'static str {
        "wasmi"
    }

    fn counts_instructions(&self) -> bool {
        true
    }

    fn snapshot_interval(&self) -> usize {
        1
    }

    fn compile(&self, bytes: &Rc<[u8]>, binary: &Rc<Binary>, limited: bool) -> Result<Rc<dyn Compiled>> {
        let needs = [(binary.exceptions, "exceptions"), (binary.vectors, "vectors (SIMD)")];
        if let Some((_, what)) = needs.into_iter().find(|(needed, _)| *needed) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "The module uses WebAssembly's {what}, which the interpreter does not have. Build it without that"
                ),
            ));
        }
        let imports = Imports::of(binary)?;
        let module = Module::new(&engine(CompilationMode::Lazy, limited), bytes).map_err(trap)?;
        Ok(Rc::new(WasmiModule {
            binary: binary.clone(),
            imports,
            limited,
            lazy: module,
            eager: OnceCell::new(),
            bytes: bytes.clone(),
        }))
    }
}

/// Runs the interpreter for a moment, so that the browser optimises it early.
///
/// The interpreter's loop is one large function. Browsers run it unoptimised until they have compiled it in the
/// background. That takes about as long as loading a module, which can go on meanwhile.
///
/// # Errors
/// `OutOfMemory` where there is no memory.
pub fn warm_up() -> Result<()> {
    // (module (func (export "") (local i32)
    //   (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000))))))
    const TURNS: &[u8] =
        b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x04\x01\0\0\0\x0a\x16\x01\x14\x01\x01\x7f\
        \x03\x40\x20\0\x41\x01\x6a\x22\0\x41\xe8\x07\x49\x0d\0\x0b\x0b";
    let module = Module::new(&engine(CompilationMode::Lazy, false), TURNS).map_err(trap)?;
    let mut store = Store::new(module.engine(), ());
    let instance = wasmi::Instance::new(&mut store, &module, &[]).map_err(trap)?;
    let turns = instance.get_func(&store, "");
    let turns = turns.ok_or_else(|| Trap::failed("the warm-up module has no function"))?;
    Ok(turns.call(&mut store, &[], &mut []).map_err(trap)?)
}

struct WasmiModule {
    binary: Rc<Binary>,
    imports: Imports,
    /// Whether instructions are counted.
    limited: bool,
    /// Validates and translates a function when it first runs, so that the module starts sooner.
    lazy: Module,
    /// Translates everything before the start, for interruptible instances: wasmi 1.1.0 does not resume correctly where
    /// fuel ran out during the translation of a function that was called through a table.
    eager: OnceCell<Module>,
    bytes: Rc<[u8]>,
}

impl WasmiModule {
    fn module(&self, interruptible: bool) -> Run<&Module> {
        if !interruptible {
            return Ok(&self.lazy);
        }
        if let Some(module) = self.eager.get() {
            return Ok(module);
        }
        let engine = engine(CompilationMode::Eager, self.limited);
        let module = Module::new(&engine, &self.bytes).map_err(trap)?;
        Ok(self.eager.get_or_init(|| module))
    }
}

impl Compiled for WasmiModule {
    fn instantiate(&self, state: InstanceState, interruptible: bool) -> Run<Box<dyn Instance>> {
        let module = self.module(interruptible)?;
        // Growth beyond the module's own maximum returns -1 to it. Where the machine has too little memory, the run
        // ends.
        let granted = StoreLimitsBuilder::new()
            .table_elements(MAX_TABLE)
            .instances(1)
            .memories(1)
            .tables(MAX_TABLES)
            .trap_on_grow_failure(true)
            .build();
        let data = StoreData {
            state,
            granted,
            exports: None,
            limited: self.limited,
            interruptible,
            fuel: 0,
        };
        let mut store = Store::new(module.engine(), data);
        store.limiter(|data| &mut data.granted);
        refuel(&mut store.as_context_mut())?;
        let imports = self.binary.imports.iter().enumerate();
        let externals: Vec<_> = imports
            .map(|(index, import)| Extern::Func(host_function(&mut store, import, index, self.imports.clone())))
            .collect();
        let instance = wasmi::Instance::new(&mut store, module, &externals).map_err(trap)?;
        let layout = store.data().state.layout.clone();
        let memory = instance.get_memory(&store, layout.export("memory"));
        let memory = memory.ok_or_else(|| Trap::Invalid("\"memory\" is not its memory".to_owned()))?;
        // C++ modules may export several tables. C's function pointers are indexes of the first.
        let table = instance.exports(&store).find_map(|export| export.into_table());
        store.data_mut().exports = Some(Exports {
            instance,
            memory,
            table,
        });
        Ok(Box::new(WasmiInstance(store)))
    }
}

struct WasmiInstance(Store<StoreData>);

impl Instance for WasmiInstance {
    fn run(&mut self, job: Job<'_>) -> Run {
        let mut context = self.0.as_context_mut();
        let limits = &context.data().state.limits;
        if limits.stopped() {
            return Err(Trap::Stopped);
        }
        refuel(&mut context)?;
        let outcome = job(&mut Running(context));
        match outcome {
            Err(Trap::NeedsInterruptible) if self.0.data().fuel == 0 => Err(Trap::OutOfGas),
            outcome => outcome,
        }
    }

    fn inspect(&mut self, job: Job<'_>) -> Run {
        job(&mut Running(self.0.as_context_mut()))
    }
}

/// Sets the fuel for a run: a first part in the store, the rest in reserve.
fn refuel(context: &mut StoreContextMut<'_, StoreData>) -> Run {
    let data = context.data_mut();
    if !data.limited {
        return Ok(());
    }
    let limits = &data.state.limits;
    // A metered module has its own counter.
    let whole = if data.state.layout.metered {
        u64::MAX
    } else {
        limits.compute
    };
    let sliced = limits.stop.as_ref().is_some_and(Stop::needs_engine);
    let first = if sliced { whole.min(SLICE) } else { whole };
    data.fuel = whole - first;
    context.set_fuel(first).map_err(trap)
}

/// The data of a store.
struct StoreData {
    state: InstanceState,
    granted: StoreLimits,
    exports: Option<Exports>,
    limited: bool,
    interruptible: bool,
    /// Fuel in reserve.
    fuel: u64,
}

#[derive(Clone, Copy)]
struct Exports {
    instance: wasmi::Instance,
    memory: WasmiMemory,
    table: Option<Table>,
}

impl HostError for Trap {}

/// Wraps a host function for the interpreter.
fn host_function(store: &mut Store<StoreData>, import: &Import, index: usize, imports: Imports) -> Func {
    let types = |types: &[ValueType]| types.iter().copied().map(val_type).collect::<Vec<_>>();
    let func_type = wasmi::FuncType::new(types(&import.func_type.parameters), types(&import.func_type.results));
    Func::new(
        store,
        func_type,
        move |mut caller: Caller<'_, StoreData>, parameters, results| {
            let parameters: Vec<_> = parameters.iter().filter_map(value).collect();
            let mut running = Running(caller.as_context_mut());
            let answer = imports
                .call(index, &mut running, &parameters)
                .map_err(wasmi::Error::host)?;
            if let (Some(result), Some(value)) = (results.first_mut(), answer) {
                *result = val(value);
            }
            Ok(())
        },
    )
}

/// An instance during a run or an inspection.
struct Running<'a>(StoreContextMut<'a, StoreData>);

impl Running<'_> {
    fn exports(&self) -> Option<Exports> {
        self.0.data().exports
    }

    fn bytes(&mut self) -> Option<&mut [u8]> {
        let memory = self.exports()?.memory;
        Some(memory.data_mut(&mut self.0))
    }

    fn named(&self, name: &str) -> Option<Global> {
        self.exports()?.instance.get_global(&self.0, name)
    }

    fn invoke(&mut self, function: Func, arguments: &[WasmValue]) -> Run<Option<WasmValue>> {
        let func_type = function.ty(&self.0);
        let fits = func_type.params().len() == arguments.len() && func_type.results().len() < 2;
        if !fits {
            return Err(Trap::failed("it calls a function with arguments of another type"));
        }
        // As a C cast: numbers get the width of the function's parameters.
        let arguments: Vec<_> = arguments
            .iter()
            .zip(func_type.params())
            .map(|(argument, wanted)| val(argument.cast(value_type(*wanted))))
            .collect();
        let mut results = [Val::I32(0)];
        let results = &mut results[..func_type.results().len()];
        if self.0.data().interruptible {
            self.drive(function, &arguments, results)?;
        } else {
            function.call(&mut self.0, &arguments, results).map_err(trap)?;
        }
        Ok(results.first().and_then(value))
    }

    /// Calls a function in slices of fuel, and checks the stop signal between them.
    fn drive(&mut self, function: Func, arguments: &[Val], results: &mut [Val]) -> Run {
        let mut call = function.call_resumable(&mut self.0, arguments, results).map_err(trap)?;
        loop {
            call = match call {
                ResumableCall::Finished => return Ok(()),
                ResumableCall::HostTrap(call) => return Err(trap(call.into_host_error())),
                ResumableCall::OutOfFuel(call) => {
                    if self.0.data().state.limits.stopped() {
                        return Err(Trap::Stopped);
                    }
                    let left = self.0.get_fuel().map_err(trap)?;
                    let reserve = &mut self.0.data_mut().fuel;
                    let wanted = SLICE.max(call.required_fuel().saturating_sub(left));
                    if *reserve == 0 {
                        return Err(Trap::OutOfGas);
                    }
                    let slice = wanted.min(*reserve);
                    *reserve -= slice;
                    self.0.set_fuel(left.saturating_add(slice)).map_err(trap)?;
                    call.resume(&mut self.0, results).map_err(trap)?
                }
            };
        }
    }
}

fn range(at: u64, length: u64) -> Option<Range<usize>> {
    let start = usize::try_from(at).ok()?;
    Some(start..start.checked_add(usize::try_from(length).ok()?)?)
}

impl Memory for Running<'_> {
    fn size(&self) -> u64 {
        self.exports()
            .map_or(0, |exports| exports.memory.data_size(&self.0) as u64)
    }

    fn view(&self, at: u64, length: u64) -> Option<Cow<'_, [u8]>> {
        let bytes = self.exports()?.memory.data(&self.0);
        bytes.get(range(at, length)?).map(Cow::Borrowed)
    }

    fn read(&self, at: u64, bytes: &mut [u8]) -> Option<()> {
        let range = range(at, bytes.len() as u64)?;
        bytes.copy_from_slice(self.exports()?.memory.data(&self.0).get(range)?);
        Some(())
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Option<()> {
        let range = range(at, bytes.len() as u64)?;
        self.bytes()?.get_mut(range)?.copy_from_slice(bytes);
        Some(())
    }

    fn clear(&mut self, at: u64, length: u64) -> Option<()> {
        self.bytes()?.get_mut(range(at, length)?)?.fill(0);
        Some(())
    }

    fn shift(&mut self, to: u64, from: u64, length: u64) -> Option<()> {
        let (from, to) = (range(from, length)?, range(to, length)?);
        let bytes = self.bytes()?;
        bytes.get(from.clone())?;
        bytes.get(to.clone())?;
        bytes.copy_within(from, to.start);
        Some(())
    }

    fn grow(&mut self, size: u64) -> Run {
        let memory = self.exports().ok_or(Trap::OutOfBounds)?.memory;
        let missing = size.saturating_sub(self.size());
        let grown = memory.grow(&mut self.0, missing.div_ceil(WASM_PAGE));
        grown.map_err(|_| Trap::OutOfMemory)?;
        Ok(())
    }
}

impl Guest for Running<'_> {
    fn state(&mut self) -> &mut InstanceState {
        &mut self.0.data_mut().state
    }

    fn call(&mut self, export: &str, arguments: &[WasmValue]) -> Run<Option<WasmValue>> {
        let data = self.0.data();
        let name = data.state.layout.export(export);
        let instance = data.exports.map(|exports| exports.instance);
        let function = instance.and_then(|instance| instance.get_func(&self.0, name));
        let function = function.ok_or_else(|| Trap::Failed(format!("it has no function \"{export}\"")))?;
        self.invoke(function, arguments)
    }

    fn global(&mut self, name: &str) -> Option<WasmValue> {
        value(&self.named(name)?.get(&self.0))
    }

    fn set_global(&mut self, name: &str, value: i64) {
        if let Some(global) = self.named(name) {
            let value_type = value_type(global.ty(&self.0).content());
            // Fails for constants only. The counters are no constants, and a module that exports their names itself
            // does not compile.
            let _ = global.set(&mut self.0, val(WasmValue::I64(value).cast(value_type)));
        }
    }

    fn call_indirect(&mut self, index: u64, arguments: &[WasmValue]) -> Run<Option<WasmValue>> {
        let table = self.exports().and_then(|exports| exports.table);
        let entry = table.and_then(|table| table.get(&self.0, index));
        let function = match &entry {
            Some(Val::FuncRef(function)) => function.val().copied(),
            _ => None,
        };
        let function = function.ok_or_else(|| Trap::failed("it calls a function that does not exist"))?;
        self.invoke(function, arguments)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn warm_up_succeeds() {
        super::warm_up().unwrap();
    }
}
