//! What can be read from a module's bytes without running them: its imports with their types, exports and memory.
//! (WebAssembly core specification 2.0, section 5.5; memory64 sets bit 2 of the limits' flag.)

use crate::error::{Error, ErrorKind, Result};

/// The types of numbers. Vectors and references do not pass between a module and its host here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    I32,
    I64,
    F32,
    F64,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signature {
    pub parameters: Vec<ValueType>,
    pub results: Vec<ValueType>,
}

/// A function that the module wants from its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub module: String,
    pub name: String,
    pub signature: Signature,
}

/// The shape of the module's own memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryShape {
    pub wide: bool,
    /// In pages of 64 KiB.
    pub initial: u64,
    pub maximum: Option<u64>,
}

/// A module, as far as its host must know it.
#[derive(Debug, Clone, Default)]
pub struct Binary {
    pub imports: Vec<Import>,
    pub memory: Option<MemoryShape>,
    /// What it exports, functions and all, by name.
    pub exports: Vec<String>,
    /// The types of the exported functions of its own.
    pub functions: Vec<(String, Signature)>,
    /// Whether it declares exception tags.
    pub exceptions: bool,
    /// Whether its compiler was told to use vectors; `false` when the compiler left no note.
    pub vectors: bool,
}

impl Binary {
    /// # Errors
    /// `BadModule` for bytes that are no module; `Unsupported` for one that wants more than functions of its host.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader { bytes };
        if reader.take(8)? != b"\0asm\x01\0\0\0" {
            return Err(bad("it does not begin as a WebAssembly module of version 1 does"));
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

    /// The type of an exported function.
    pub fn function(&self, name: &str) -> Option<&Signature> {
        let mut functions = self.functions.iter();
        functions
            .find(|(export, _)| export == name)
            .map(|(_, signature)| signature)
    }
}

#[derive(Default)]
struct Sections {
    types: Vec<Signature>,
    functions: Vec<usize>,
    exported: Vec<(String, usize)>,
    binary: Binary,
}

impl Sections {
    fn read(&mut self, id: u8, mut reader: Reader<'_>) -> Result<()> {
        match id {
            0 => self.custom(reader),
            1 => reader.each(|reader| {
                let signature = reader.signature()?;
                self.types.push(signature);
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
                let signature = self.types.get(index).cloned();
                let signature = signature.ok_or_else(|| bad("an import has a type that is not there"))?;
                self.functions.push(index);
                self.binary.imports.push(Import {
                    module,
                    name,
                    signature,
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
            format!("The module wants {what} of its host, \"{module}.{name}\"; AO modules bring their own"),
        ))
    }

    /// A compiler's note of what it used. Nobody need believe it; damaged notes are no notes.
    fn custom(&mut self, mut reader: Reader<'_>) -> Result<()> {
        if reader.name().is_ok_and(|name| name == "target_features") {
            let _ = reader.each(|reader| {
                let used = reader.byte()? == b'+';
                self.binary.vectors |= reader.name()? == "simd128" && used;
                Ok(())
            });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Binary> {
        for (name, index) in self.exported {
            let signature = self.functions.get(index).and_then(|index| self.types.get(*index));
            let signature = signature.ok_or_else(|| bad("an export is a function that is not there"))?;
            self.binary.functions.push((name, signature.clone()));
        }
        Ok(self.binary)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| bad("it is cut short"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.bytes.split_first().ok_or_else(|| bad("it is cut short"))?;
        self.bytes = rest;
        Ok(*first)
    }

    /// LEB128.
    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(bad("a number in it has no end"))
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(self.number()?).map_err(|_| bad("it is cut short"))
    }

    fn name(&mut self) -> Result<String> {
        let length = self.length()?;
        let name = std::str::from_utf8(self.take(length)?).map_err(|_| bad("a name in it is not UTF-8"))?;
        Ok(name.to_owned())
    }

    fn each(&mut self, mut read: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        for _ in 0..self.number()? {
            read(self)?;
        }
        Ok(())
    }

    fn signature(&mut self) -> Result<Signature> {
        if self.byte()? != 0x60 {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "The module has types of garbage-collected values, which AO modules do not",
            ));
        }
        let mut signature = Signature::default();
        self.each(|reader| {
            signature.parameters.push(reader.value_type()?);
            Ok(())
        })?;
        self.each(|reader| {
            signature.results.push(reader.value_type()?);
            Ok(())
        })?;
        Ok(signature)
    }

    fn value_type(&mut self) -> Result<ValueType> {
        Ok(match self.byte()? {
            0x7f => ValueType::I32,
            0x7e => ValueType::I64,
            0x7d => ValueType::F32,
            0x7c => ValueType::F64,
            _ => ValueType::Other,
        })
    }

    fn memory(&mut self) -> Result<MemoryShape> {
        let flag = self.byte()?;
        let initial = self.number()?;
        let maximum = if flag & 1 == 1 { Some(self.number()?) } else { None };
        Ok(MemoryShape {
            wide: flag & 4 != 0,
            initial,
            maximum,
        })
    }
}

fn bad(what: &str) -> Error {
    Error::new(
        ErrorKind::BadModule,
        format!("These bytes are not an AO module: {what}"),
    )
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
        assert_eq!(whole.imports[0].signature.parameters, [ValueType::I32]);
        assert_eq!(
            whole.memory,
            Some(MemoryShape {
                wide: false,
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
