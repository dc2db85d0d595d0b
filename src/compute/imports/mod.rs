//! The host functions of emscripten and WASI. Each is written once, for all modules, pointer widths and engines.
//!
//! They return the same on every machine: there are no files, no environment variables and no clock but a counter, and
//! the time zone is UTC. Small negative return values are negated `errno`s of Linux.

mod files;
mod flow;
mod heap;
pub(super) mod host_function;
mod names;
mod strftime;
mod time;
mod tm;
mod wasi;

use std::sync::Arc;

use super::binary::{Binary, FuncType, Import, ValueType};
use super::engine::{Guest, WasmValue};
use super::trap::Trap;
use crate::error::{Error, ErrorKind, Result};
use host_function::{HostArguments, HostFunction};

/// The index of the import with this name, if the module has it with the type `(i32) → i32`.
pub(super) fn position(binary: &Binary, name: &str) -> Option<usize> {
    binary.imports.iter().position(|import| {
        let FuncType { parameters, results } = &import.func_type;
        long_name(import) == Some(name) && *parameters == [ValueType::I32] && *results == [ValueType::I32]
    })
}

/// The name of an import in formats that keep names.
fn long_name(import: &Import) -> Option<&str> {
    match import.module.as_str() {
        "a" => names::long(&import.name),
        "env" | "wasi_snapshot_preview1" | "metering" => Some(import.name.as_str()),
        _ => None,
    }
}

/// Finds the host function for an import.
///
/// # Errors
/// `Unsupported`, with the name, where there is none.
pub(super) fn resolve(import: &Import) -> Result<HostFunction> {
    let function = long_name(import).and_then(|name| {
        flow::find(name)
            .or_else(|| heap::find(name))
            .or_else(|| time::find(name))
            .or_else(|| wasi::find(name))
            .or_else(|| files::find(name))
    });
    let simple = import.func_type.results.len() < 2
        && !import.func_type.parameters.contains(&ValueType::Other)
        && !import.func_type.results.contains(&ValueType::Other);
    function.filter(|_| simple).ok_or_else(|| {
        let Import { module, name, .. } = import;
        Error::new(
            ErrorKind::Unsupported,
            format!(
                "The module imports \"{module}.{name}\", which the host does not have. Build it without that import"
            ),
        )
    })
}

/// The host functions that a module imports, in the module's order.
#[derive(Clone)]
pub struct Imports(Arc<[(HostFunction, Option<ValueType>)]>);

impl Imports {
    /// Finds the host functions for all imports of a module.
    ///
    /// # Errors
    /// `Unsupported`, with the name, where one does not exist.
    pub fn of(binary: &Binary) -> Result<Self> {
        let functions = binary.imports.iter().map(|import| {
            let expected = import.func_type.results.first().copied();
            Ok((resolve(import)?, expected))
        });
        Ok(Self(functions.collect::<Result<_>>()?))
    }

    /// Calls the host function at an index.
    ///
    /// # Errors
    /// The trap that ends the module's run.
    pub fn call(
        &self,
        index: usize,
        guest: &mut dyn Guest,
        arguments: &[WasmValue],
    ) -> std::result::Result<Option<WasmValue>, Trap> {
        let found = self.0.get(index);
        let (function, expected) = found.ok_or_else(|| Trap::failed("it calls a host function that does not exist"))?;
        Ok(function(guest, HostArguments(arguments))?.value(*expected))
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::rc::Rc;

    use super::*;
    use crate::compute::binary::FuncType;
    use crate::compute::engine::Memory;
    use crate::compute::format::Layout;
    use crate::compute::instance_state::InstanceState;
    use crate::compute::limits::Limits;

    /// An instance that has memory and no code.
    pub(super) struct TestGuest {
        memory: Vec<u8>,
        state: InstanceState,
    }

    impl TestGuest {
        pub fn new(size: usize) -> Self {
            let module = b"\0asm\x01\0\0\0\x01\x0c\x02\x60\x02\x7f\x7f\x01\x7f\x60\x01\x7f\x01\x7f\x03\x03\x02\0\x01\
                \x05\x03\x01\0\x01\x07\x1c\x03\x06memory\x02\0\x06handle\0\0\x06malloc\0\x01";
            let binary = Binary::read(module).unwrap();
            let layout = Rc::new(Layout::of(&binary, None).unwrap());
            Self {
                memory: vec![0; size],
                state: InstanceState::new(layout, Limits::default(), None),
            }
        }
    }

    impl Memory for TestGuest {
        fn size(&self) -> u64 {
            self.memory.len() as u64
        }

        fn view(&self, at: u64, length: u64) -> Option<Cow<'_, [u8]>> {
            let start = usize::try_from(at).ok()?;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            self.memory.get(start..end).map(Cow::Borrowed)
        }

        fn read(&self, at: u64, bytes: &mut [u8]) -> Option<()> {
            bytes.copy_from_slice(&self.view(at, bytes.len() as u64)?);
            Some(())
        }

        fn write(&mut self, at: u64, bytes: &[u8]) -> Option<()> {
            self.view(at, bytes.len() as u64)?;
            self.memory[at as usize..][..bytes.len()].copy_from_slice(bytes);
            Some(())
        }

        fn clear(&mut self, at: u64, length: u64) -> Option<()> {
            self.write(at, &vec![0; usize::try_from(length).ok()?])
        }

        fn shift(&mut self, to: u64, from: u64, length: u64) -> Option<()> {
            let bytes = self.view(from, length)?.into_owned();
            self.write(to, &bytes)
        }

        fn grow(&mut self, size: u64) -> std::result::Result<(), Trap> {
            self.memory.resize(size as usize, 0);
            Ok(())
        }
    }

    impl Guest for TestGuest {
        fn state(&mut self) -> &mut InstanceState {
            &mut self.state
        }

        fn global(&mut self, _: &str) -> Option<WasmValue> {
            None
        }

        fn set_global(&mut self, _: &str, _: i64) {}

        fn call(&mut self, _: &str, _: &[WasmValue]) -> std::result::Result<Option<WasmValue>, Trap> {
            Err(Trap::failed("the test guest has no code"))
        }

        fn call_indirect(&mut self, _: u64, _: &[WasmValue]) -> std::result::Result<Option<WasmValue>, Trap> {
            Err(Trap::failed("the test guest has no code"))
        }
    }

    fn import(module: &str, name: &str) -> Import {
        Import {
            module: module.to_owned(),
            name: name.to_owned(),
            func_type: FuncType::default(),
        }
    }

    #[test]
    fn resolve_finds_long_names_and_names_of_one_letter() {
        assert!(resolve(&import("env", "invoke_vii")).is_ok());
        assert!(resolve(&import("a", "x")).is_ok());
        for letter in ('a'..='z').chain('A'..='D') {
            assert!(resolve(&import("a", &letter.to_string())).is_ok(), "{letter}");
        }
    }

    #[test]
    fn resolve_names_the_import_that_does_not_exist() {
        let error = resolve(&import("env", "gpu_draw")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("\"env.gpu_draw\""));
    }

    #[test]
    fn host_functions_survive_missing_and_extreme_arguments() {
        let names = [
            "fd_write",
            "fd_read",
            "environ_sizes_get",
            "clock_time_get",
            "random_get",
            "_gmtime_js",
            "_mktime_js",
            "_tzset_js",
            "strftime",
            "emscripten_memcpy_big",
            "emscripten_resize_heap",
            "__asyncjs__weavedrive_open",
            "__asyncjs__weavedrive_read",
            "__assert_fail",
            "invoke_vii",
            "emscripten_err",
            "usegas",
        ];
        let sets: [&[WasmValue]; 5] = [
            &[],
            &[WasmValue::I32(-1); 6],
            &[WasmValue::I64(i64::MIN); 6],
            &[WasmValue::I64(-1); 3],
            &[WasmValue::F64(f64::NAN); 6],
        ];
        for name in names {
            let function = resolve(&import("env", name)).ok().unwrap();
            for arguments in sets {
                let _ = function(&mut TestGuest::new(128), HostArguments(arguments));
            }
        }
    }
}
