//! An instance on the browser's own WebAssembly.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use js_sys::{BigInt, Function, Object, Uint8Array, WebAssembly};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::convert::{from_js, to_js};
use crate::compute::{
    Binary, Guest, Imports, Instance, InstanceState, Job, Layout, Memory, Trap, ValueType, WASM_PAGE, WasmValue,
};
use crate::web::{get, message_of, set};

type Run<T = ()> = Result<T, Trap>;

/// The most parameters of a host function: `Closure` supports eight, and one is the function's index.
pub(super) const MAX_ARGUMENTS: usize = 7;

type JsOutcome = Result<JsValue, JsValue>;
type Dispatch = dyn Fn(u32, JsValue, JsValue, JsValue, JsValue, JsValue, JsValue, JsValue) -> JsOutcome;
/// For functions of up to [`MAX_SHORT_ARGUMENTS`] parameters, which are most, and all that are called often.
type ShortDispatch = dyn Fn(u32, JsValue, JsValue, JsValue) -> JsOutcome;
const MAX_SHORT_ARGUMENTS: usize = 3;

pub(super) struct NativeInstance {
    inner: Rc<Inner>,
    /// Calls any host function. The module's imports are this function, bound to an index. It must live as long as the
    /// module runs.
    dispatch: Closure<Dispatch>,
    short_dispatch: Closure<ShortDispatch>,
}

struct Inner {
    binary: Rc<Binary>,
    imports: Imports,
    layout: Rc<Layout>,
    /// The host's state. It is here while the module's code runs, and in [`Running`] while Rust code uses the instance.
    state: RefCell<Option<Box<InstanceState>>>,
    exports: OnceCell<Exports>,
    functions: RefCell<BTreeMap<String, Rc<Callable>>>,
    globals: RefCell<BTreeMap<String, WebAssembly::Global>>,
    bytes: RefCell<Uint8Array>,
    /// The trap with which a host function ended the run. JavaScript carries only an exception without contents.
    trap: RefCell<Option<Trap>>,
    /// Whether memory with 64-bit addresses grows by numbers, as before the standard, rather than by BigInts.
    grows_by_numbers: Cell<bool>,
}

/// The module's exports.
struct Exports {
    exports: Object,
    memory: WebAssembly::Memory,
    table: Option<WebAssembly::Table>,
}

struct Callable {
    function: Function,
    parameters: Vec<ValueType>,
    result: Option<ValueType>,
}

impl NativeInstance {
    pub fn new(binary: Rc<Binary>, imports: Imports, state: InstanceState) -> Self {
        let inner = Rc::new(Inner {
            binary,
            imports,
            layout: state.layout().clone(),
            state: RefCell::new(Some(Box::new(state))),
            exports: OnceCell::new(),
            functions: RefCell::default(),
            globals: RefCell::default(),
            bytes: RefCell::new(Uint8Array::new_with_length(0)),
            trap: RefCell::default(),
            grows_by_numbers: Cell::new(false),
        });
        let weak = Rc::downgrade(&inner);
        let same = weak.clone();
        Self {
            dispatch: Closure::new(move |index, a, b, c, d, e, f, g| call_host(&weak, index, &[a, b, c, d, e, f, g])),
            short_dispatch: Closure::new(move |index, a, b, c| call_host(&same, index, &[a, b, c])),
            inner,
        }
    }

    /// Builds the object with the module's imports.
    pub fn import_object(&self) -> Object {
        let import_object = Object::new();
        let dispatch = self.dispatch.as_ref().unchecked_ref::<Function>();
        let short_dispatch = self.short_dispatch.as_ref().unchecked_ref::<Function>();
        for (index, import) in self.inner.binary.imports.iter().enumerate() {
            let mut names = get(&import_object, &import.module);
            if names.is_undefined() {
                names = Object::new().into();
                set(&import_object, &import.module, names.clone());
            }
            let few = import.func_type.parameters.len() <= MAX_SHORT_ARGUMENTS;
            let dispatch = if few { short_dispatch } else { dispatch };
            let function = dispatch.bind1(&JsValue::UNDEFINED, &(index as u32).into());
            set(&names, &import.name, function);
        }
        import_object
    }

    /// Stores the module's exports.
    pub fn set_exports(&self, exports: Object) -> Run {
        let inner = &self.inner;
        let memory = get(&exports, inner.layout.export("memory"));
        let memory = memory.dyn_into::<WebAssembly::Memory>();
        let memory = memory.map_err(|_| Trap::Invalid("\"memory\" is not its memory".to_owned()))?;
        // C++ modules may export several tables. C's function pointers are indexes of the first.
        let values = Object::values(&exports);
        let table = values
            .iter()
            .find_map(|export| export.dyn_into::<WebAssembly::Table>().ok());
        let exports = Exports { exports, memory, table };
        // Fails only at a second call, which does not happen.
        let _ = inner.exports.set(exports);
        Ok(())
    }

    /// Converts a thrown value to a trap.
    pub fn trap(&self, thrown: &JsValue, reason: String) -> Trap {
        self.inner.trap.take().unwrap_or_else(|| trap_of(thrown, reason))
    }

    fn run_job(&self, job: Job<'_>) -> Run {
        let inner = &self.inner;
        inner.trap.take();
        let state = inner.state.take();
        let mut running = Running { inner, state };
        let outcome = job(&mut running);
        inner.state.replace(running.state.take());
        // A module that catches all exceptions catches ours too. The run still ends with the trap.
        match inner.trap.take() {
            Some(trap) if outcome.is_ok() && trap != Trap::LongJump => Err(trap),
            _ => outcome,
        }
    }
}

impl Instance for NativeInstance {
    fn run(&mut self, job: Job<'_>) -> Run {
        let is_stopped = self
            .inner
            .state
            .borrow()
            .as_deref()
            .is_some_and(InstanceState::is_stopped);
        if is_stopped {
            Err(Trap::Stopped)
        } else {
            self.run_job(job)
        }
    }

    fn inspect(&mut self, job: Job<'_>) -> Run {
        self.run_job(job)
    }
}

/// Calls a host function for the module.
fn call_host(inner: &Weak<Inner>, index: u32, arguments: &[JsValue]) -> JsOutcome {
    // The value does not matter: `trap` holds the cause.
    let thrown = Err(JsValue::NULL);
    let Some(inner) = inner.upgrade() else {
        return thrown;
    };
    let index = index as usize;
    let Some(import) = inner.binary.imports.get(index) else {
        return thrown;
    };
    let types = import.func_type.parameters.iter();
    let mut values = [WasmValue::I32(0); MAX_ARGUMENTS];
    for ((value, argument), value_type) in values.iter_mut().zip(arguments).zip(types) {
        *value = from_js(argument, Some(*value_type)).unwrap_or(*value);
    }
    let values = values.get(..import.func_type.parameters.len()).unwrap_or_default();
    let state = inner.state.take();
    let mut running = Running { inner: &inner, state };
    let outcome = inner.imports.call(index, &mut running, values);
    inner.state.replace(running.state.take());
    match outcome {
        Ok(answer) => Ok(answer.map_or(JsValue::UNDEFINED, to_js)),
        Err(trap) => {
            inner.trap.replace(Some(trap));
            thrown
        }
    }
}

impl Inner {
    fn exports(&self) -> Run<&Exports> {
        self.exports
            .get()
            .ok_or_else(|| Trap::Failed("it called the host before it was instantiated".to_owned()))
    }

    /// A view of the memory's bytes. Growth, which the module may do itself, detaches the old view and makes it empty.
    fn bytes(&self) -> Uint8Array {
        let bytes = self.bytes.borrow().clone();
        match self.exports.get() {
            Some(exports) if bytes.length() == 0 => {
                let bytes = Uint8Array::new(&exports.memory.buffer());
                self.bytes.replace(bytes.clone());
                bytes
            }
            _ => bytes,
        }
    }

    fn global(&self, name: &str) -> Option<WebAssembly::Global> {
        if let Some(global) = self.globals.borrow().get(name) {
            return Some(global.clone());
        }
        let global: WebAssembly::Global = get(&self.exports.get()?.exports, name).dyn_into().ok()?;
        self.globals.borrow_mut().insert(name.to_owned(), global.clone());
        Some(global)
    }

    fn exported(&self, name: &str) -> Run<Rc<Callable>> {
        if let Some(exported) = self.functions.borrow().get(name) {
            return Ok(exported.clone());
        }
        let absent = || Trap::Failed(format!("it has no function \"{name}\""));
        let signature = &self.binary.function(name).ok_or_else(absent)?.func_type;
        let exported = Rc::new(Callable {
            function: get(&self.exports()?.exports, name).dyn_into().map_err(|_| absent())?,
            parameters: signature.parameters.clone(),
            result: signature.results.first().copied(),
        });
        self.functions.borrow_mut().insert(name.to_owned(), exported.clone());
        Ok(exported)
    }

    fn growth(&self, pages: u64, memory64: bool) -> Run {
        let memory = &self.exports()?.memory;
        let grow = get(memory, "grow").dyn_into::<Function>();
        let grow = grow.map_err(|_| Trap::OutOfMemory)?;
        let number = JsValue::from(pages as f64);
        if memory64 && !self.grows_by_numbers.get() {
            match grow.call1(memory, &BigInt::from(pages).into()) {
                Ok(_) => return Ok(()),
                Err(thrown) if thrown.is_instance_of::<js_sys::TypeError>() => self.grows_by_numbers.set(true),
                Err(_) => return Err(Trap::OutOfMemory),
            }
        }
        grow.call1(memory, &number).map_err(|_| Trap::OutOfMemory)?;
        Ok(())
    }
}

/// The trap of a thrown value, for which no host function has noted a trap.
fn trap_of(thrown: &JsValue, reason: String) -> Trap {
    if thrown.is_instance_of::<js_sys::RangeError>() || reason.contains("recursion") {
        return Trap::Failed("its calls are nested too deeply".to_owned());
    }
    if reason.contains("out of bounds") && !reason.contains("table") {
        return Trap::OutOfBounds;
    }
    Trap::Failed(reason)
}

/// An instance while a host function runs, or during a run or an inspection.
struct Running<'a> {
    inner: &'a Inner,
    state: Option<Box<InstanceState>>,
}

impl Running<'_> {
    /// Calls a function of the module. Moves the state to where host functions find it.
    fn call_js(&mut self, function: &Function, arguments: &[JsValue]) -> Run<JsValue> {
        self.inner.state.replace(self.state.take());
        let nothing = &JsValue::UNDEFINED;
        let outcome = match arguments {
            [] => function.call0(nothing),
            [a] => function.call1(nothing, a),
            [a, b] => function.call2(nothing, a, b),
            [a, b, c] => function.call3(nothing, a, b, c),
            more => function.apply(nothing, &more.iter().collect()),
        };
        self.state = self.inner.state.take();
        // C's `longjmp` comes here often, and to read a message is slow.
        outcome.map_err(|thrown| match self.inner.trap.take() {
            Some(trap) => trap,
            None => trap_of(&thrown, message_of(&thrown)),
        })
    }
}

/// The start and the end of a range as JavaScript's indexes; `None` where it is not all inside.
fn range(at: u64, length: u64, bytes: &Uint8Array) -> Option<(u32, u32)> {
    let end = at.checked_add(length).filter(|end| *end <= u64::from(bytes.length()))?;
    Some((at.try_into().ok()?, end.try_into().ok()?))
}

impl Memory for Running<'_> {
    fn size(&self) -> u64 {
        self.inner.bytes().length().into()
    }

    fn view(&self, at: u64, length: u64) -> Option<Cow<'_, [u8]>> {
        let bytes = self.inner.bytes();
        let (start, end) = range(at, length, &bytes)?;
        Some(Cow::Owned(bytes.subarray(start, end).to_vec()))
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Option<()> {
        let bytes = self.inner.bytes();
        let (start, end) = range(at, into.len() as u64, &bytes)?;
        bytes.subarray(start, end).copy_to(into);
        Some(())
    }

    fn write(&mut self, at: u64, from: &[u8]) -> Option<()> {
        let bytes = self.inner.bytes();
        let (start, end) = range(at, from.len() as u64, &bytes)?;
        bytes.subarray(start, end).copy_from(from);
        Some(())
    }

    fn clear(&mut self, at: u64, length: u64) -> Option<()> {
        let bytes = self.inner.bytes();
        let (start, end) = range(at, length, &bytes)?;
        bytes.fill(0, start, end);
        Some(())
    }

    fn shift(&mut self, to: u64, from: u64, length: u64) -> Option<()> {
        let bytes = self.inner.bytes();
        let (start, end) = range(from, length, &bytes)?;
        let (to, _) = range(to, length, &bytes)?;
        // `set` handles overlapping ranges correctly.
        bytes.set(&bytes.subarray(start, end), to);
        Some(())
    }

    fn grow(&mut self, size: u64) -> Run {
        let missing = size.saturating_sub(self.size());
        let memory64 = self.inner.binary.memory.is_some_and(|memory| memory.memory64);
        self.inner.growth(missing.div_ceil(WASM_PAGE), memory64)
    }
}

impl Guest for Running<'_> {
    fn state(&mut self) -> &mut InstanceState {
        let layout = &self.inner.layout;
        self.state
            .get_or_insert_with(|| Box::new(InstanceState::lost(layout.clone())))
    }

    fn call(&mut self, export: &str, arguments: &[WasmValue]) -> Run<Option<WasmValue>> {
        let name = self.inner.layout.export(export);
        let exported = self.inner.exported(name)?;
        let result = exported.result;
        if exported.parameters.len() != arguments.len() {
            return Err(Trap::Failed(
                "it calls a function with arguments of another type".to_owned(),
            ));
        }
        let arguments = arguments.iter().zip(&exported.parameters);
        let arguments: Vec<_> = arguments
            .map(|(argument, wanted)| to_js(argument.cast(*wanted)))
            .collect();
        let answer = self.call_js(&exported.function, &arguments)?;
        Ok(result.and_then(|result| from_js(&answer, Some(result))))
    }

    fn global(&mut self, name: &str) -> Option<WasmValue> {
        from_js(&self.inner.global(name)?.value(), None)
    }

    fn set_global(&mut self, name: &str, value: i64) {
        let Some(global) = self.inner.global(name) else {
            return;
        };
        let memory64 = global.value().is_bigint();
        let value = if memory64 {
            BigInt::from(value).into()
        } else {
            JsValue::from(value as i32)
        };
        global.set_value(&value);
    }

    fn call_indirect(&mut self, index: u64, arguments: &[WasmValue]) -> Run<Option<WasmValue>> {
        let absent = || Trap::Failed("it calls a function that does not exist".to_owned());
        let table = self.inner.exports()?.table.as_ref().ok_or_else(absent)?;
        let index = u32::try_from(index).map_err(|_| absent())?;
        let function = table.get(index).map_err(|_| absent())?;
        if !function.is_function() {
            return Err(absent());
        }
        let arguments: Vec<_> = arguments.iter().copied().map(to_js).collect();
        let answer = self.call_js(&function, &arguments)?;
        Ok(from_js(&answer, None))
    }
}
