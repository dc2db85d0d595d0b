//! Reads a module's imports, exports and memory type from its bytes, without running it.
//!
//! The format is that of the WebAssembly core specification 2.0, section 5.5. The memory64 proposal sets bit 2 of the
//! limits' flag.

pub(super) mod reader;
mod types;

use crate::error::{Error, ErrorKind, Result};
use reader::{Reader, bad};
pub use types::{FuncType, MemoryType, ValueType};

/// A function that the module imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub module: String,
    pub name: String,
    pub func_type: FuncType,
}

/// What a host reads from a module before it compiles it.
#[derive(Debug, Clone, Default)]
pub struct Binary {
    pub imports: Vec<Import>,
    pub memory: Option<MemoryType>,
    /// The names of all exports: functions, memories, globals and tables.
    pub exports: Vec<String>,
    /// The exported functions.
    pub functions: Vec<ExportedFunction>,
    /// Whether the module throws or catches WebAssembly exceptions.
    pub exceptions: bool,
    /// Whether the module's code uses vectors (SIMD).
    pub vectors: bool,
}

/// A function that the module exports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFunction {
    pub name: String,
    /// The function's index. Imported functions come first.
    pub index: usize,
    pub func_type: FuncType,
}

impl Binary {
    /// Reads a module's bytes.
    ///
    /// # Errors
    /// `BadModule` for bytes that are not a WebAssembly module. `Unsupported` for a module that imports anything but
    /// functions.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader { bytes };
        if reader.take(8)? != b"\0asm\x01\0\0\0" {
            return Err(bad(
                "they do not begin with the header of a WebAssembly module of version 1",
            ));
        }
        let mut sections = Sections::default();
        while !reader.bytes.is_empty() {
            let id = reader.byte()?;
            let length = reader.length()?;
            sections.read(
                id,
                Reader {
                    bytes: reader.take(length)?,
                },
            )?;
        }
        sections.finish()
    }

    pub fn exports(&self, name: &str) -> bool {
        self.exports.iter().any(|export| export == name)
    }

    pub fn function(&self, name: &str) -> Option<&ExportedFunction> {
        self.functions.iter().find(|function| function.name == name)
    }
}

#[derive(Default)]
struct Sections {
    types: Vec<FuncType>,
    functions: Vec<usize>,
    exported: Vec<(String, usize)>,
    binary: Binary,
}

impl Sections {
    fn read(&mut self, id: u8, mut reader: Reader<'_>) -> Result<()> {
        match id {
            // Ignored, but its name has to be one.
            0 => reader.name().map(drop),
            1 => reader.each(|reader| {
                let func_type = reader.func_type()?;
                self.types.push(func_type);
                Ok(())
            }),
            2 => reader.each(|reader| self.import(reader)),
            3 => reader.each(|reader| {
                let index = reader.length()?;
                self.functions.push(index);
                Ok(())
            }),
            5 => reader.each(|reader| {
                let shape = reader.memory()?;
                self.binary.memory.get_or_insert(shape);
                Ok(())
            }),
            7 => reader.each(|reader| {
                let name = reader.name()?;
                let kind = reader.byte()?;
                let index = reader.length()?;
                if kind == 0 {
                    self.exported.push((name.clone(), index));
                }
                self.binary.exports.push(name);
                Ok(())
            }),
            13 => {
                self.binary.exceptions = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn import(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let (module, name) = (reader.name()?, reader.name()?);
        let what = match reader.byte()? {
            0 => {
                let index = reader.length()?;
                let func_type = self.types.get(index).cloned();
                let func_type = func_type.ok_or_else(|| bad("an import refers to a type that does not exist"))?;
                self.functions.push(index);
                self.binary.imports.push(Import {
                    module,
                    name,
                    func_type,
                });
                return Ok(());
            }
            1 => "a table",
            2 => "a memory",
            3 => "a global",
            _ => "a tag",
        };
        Err(Error::new(
            ErrorKind::Unsupported,
            format!("The module imports {what}, \"{module}.{name}\". Build it so that it defines its own"),
        ))
    }

    fn finish(mut self) -> Result<Binary> {
        for (name, index) in self.exported {
            let func_type = self.functions.get(index).and_then(|index| self.types.get(*index));
            let func_type = func_type.ok_or_else(|| bad("an export refers to a function that does not exist"))?;
            let func_type = func_type.clone();
            self.binary.functions.push(ExportedFunction { name, index, func_type });
        }
        Ok(self.binary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_of_a_module_is_refused_or_read() {
        // (module (import "env" "f" (func (param i32))) (memory (export "memory") 1 2))
        let module = b"\0asm\x01\0\0\0\x01\x05\x01\x60\x01\x7f\0\x02\x09\x01\x03env\x01f\0\0\x05\x04\x01\x01\x01\x02\
            \x07\x0a\x01\x06memory\x02\0";
        let whole = Binary::read(module).unwrap();
        assert_eq!(whole.imports[0].func_type.parameters, [ValueType::I32]);
        assert_eq!(
            whole.memory,
            Some(MemoryType {
                memory64: false,
                initial: 1,
                maximum: Some(2)
            })
        );
        assert!(whole.exports("memory"));
        for end in 0..module.len() {
            if let Err(error) = Binary::read(&module[..end]) {
                assert_eq!(error.kind(), ErrorKind::BadModule);
            }
        }
    }

    #[test]
    fn long_counts_do_not_take_memory() {
        let module = b"\0asm\x01\0\0\0\x01\x05\xff\xff\xff\xff\x0f";
        assert_eq!(Binary::read(module).unwrap_err().kind(), ErrorKind::BadModule);
    }
}
