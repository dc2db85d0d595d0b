//! The engine that uses the browser's own WebAssembly. It is fast; which modules it runs depends on the browser's age.

mod convert;
mod instance;

use std::rc::Rc;

use js_sys::{Object, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};

use super::{Thrown, message_of};
use crate::compute::{Binary, Compiled, Engine, Imports, Instance, InstanceState, Trap};
use crate::error::{Error, ErrorKind, Result};
use instance::{MAX_ARGUMENTS, NativeInstance};

/// The WebAssembly of the browser, or of another JavaScript runtime.
#[derive(Debug, Clone, Default)]
pub struct Native;

impl Engine for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    /// JavaScript cannot interrupt a running function. Only terminating its worker ends it.
    fn counts_instructions(&self) -> bool {
        false
    }

    /// Evaluating a short message again takes no longer than copying a small memory three times.
    fn snapshot_interval(&self) -> usize {
        8
    }

    fn compile(&self, bytes: &Rc<[u8]>, binary: &Rc<Binary>, _limited: bool) -> Result<Rc<dyn Compiled>> {
        let imports = Imports::of(binary)?;
        let parameters = |import: &crate::compute::Import| import.func_type.parameters.len();
        if binary.imports.iter().map(parameters).max() > Some(MAX_ARGUMENTS) {
            return Err(lacks("host functions with more than 7 parameters"));
        }
        let bytes = Uint8Array::from(&bytes[..]);
        let module = WebAssembly::Module::new(&bytes).map_err(|thrown| refused(thrown, binary))?;
        Ok(Rc::new(NativeModule {
            module,
            binary: binary.clone(),
            imports,
        }))
    }
}

/// Why the browser does not compile a module.
fn refused(thrown: JsValue, binary: &Binary) -> Error {
    // Two small modules: (module (memory i64 0)), and one with a function that makes a vector.
    const WIDE: &[u8] = b"\0asm\x01\0\0\0\x05\x03\x01\x04\0";
    const VECTORS: &[u8] =
        b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7b\x03\x02\x01\0\x0a\x0a\x01\x08\0\x41\0\xfd\x0f\xfd\x62\x0b";
    let supports = |module: &[u8]| WebAssembly::validate(&Uint8Array::from(module)).unwrap_or(false);
    let memory64 = binary.memory.is_some_and(|memory| memory.memory64);
    if memory64 && !supports(WIDE) {
        return lacks("memory with 64-bit addresses");
    }
    if binary.vectors && !supports(VECTORS) {
        return lacks("vectors (SIMD)");
    }
    if binary.exceptions {
        return lacks("exceptions of this kind");
    }
    let message = format!("The module's code is not valid: {}", message_of(&thrown));
    Error::new(ErrorKind::BadModule, message).with_source(Thrown(thrown))
}

fn lacks(what: &str) -> Error {
    let message = format!("The module needs {what}, which this runtime's WebAssembly does not have");
    Error::new(ErrorKind::Unsupported, message)
}

struct NativeModule {
    module: WebAssembly::Module,
    binary: Rc<Binary>,
    imports: Imports,
}

impl Compiled for NativeModule {
    /// No instance is interruptible: see [`Engine::counts_instructions`].
    fn instantiate(&self, state: InstanceState, _interruptible: bool) -> std::result::Result<Box<dyn Instance>, Trap> {
        let instance = NativeInstance::new(self.binary.clone(), self.imports.clone(), state);
        let import_object = instance.import_object();
        let made = WebAssembly::Instance::new(&self.module, import_object.unchecked_ref::<Object>());
        let made = made.map_err(|thrown| match message_of(&thrown).to_ascii_lowercase() {
            reason if reason.contains("memory") => Trap::OutOfMemory,
            reason => instance.trap(&thrown, reason),
        })?;
        instance.set_exports(made.exports())?;
        Ok(Box::new(instance))
    }
}
