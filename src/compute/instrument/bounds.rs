//! Checks that a module refers only to its own types, functions and globals.
//!
//! Instrumentation adds some behind the module's own. An index that is too large by a few would then be valid, and would
//! let a module change its own counters.

use super::instruction::{Instruction, Proposals, code};
use super::section;
use super::write::Section;
use crate::compute::binary::reader::{Reader, bad};
use crate::error::Result;

/// How many types, functions and globals the module has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub types: u64,
    pub functions: u64,
    pub globals: u64,
}

impl Bounds {
    /// Checks an instruction. `bytes` are the bytes from which it was read.
    ///
    /// # Errors
    /// `BadModule` for an index that is too large.
    pub fn check(&self, instruction: &Instruction, bytes: &[u8]) -> Result<()> {
        let limit = match instruction.code {
            code::CALL | code::RETURN_CALL | code::REF_FUNC => self.functions,
            code::GLOBAL_GET | code::GLOBAL_SET => self.globals,
            code::CALL_INDIRECT | code::RETURN_CALL_INDIRECT => self.types,
            // The type of a block is an index, or a value type, which is one byte with the sign of a negative number.
            code::BLOCK | code::LOOP | code::IF | code::TRY | code::TRY_TABLE => match bytes {
                [_, 0x40..0x80, ..] => return Ok(()),
                _ => self.types,
            },
            _ => return Ok(()),
        };
        below(instruction.operand, limit)
    }

    /// Checks a section, other than that of code.
    ///
    /// # Errors
    /// `BadModule` for an index that is too large, and for a section that is damaged.
    pub fn check_section(&self, section: &Section<'_>) -> Result<()> {
        let mut reader = Reader { bytes: &section.body };
        self.check_entries(section.id, &mut reader)?;
        reader.end()
    }

    fn check_entries(&self, id: u8, reader: &mut Reader<'_>) -> Result<()> {
        match id {
            section::FUNCTION => reader.each(|reader| below(reader.number()?, self.types)),
            section::TABLE => reader.each(table),
            section::TAG => reader.each(|reader| {
                reader.byte()?;
                below(reader.number()?, self.types)
            }),
            section::GLOBAL => reader.each(|reader| {
                reader.take(2)?;
                self.expression(reader)
            }),
            section::EXPORT => reader.each(|reader| {
                reader.name()?;
                let kind = reader.byte()?;
                let index = reader.number()?;
                match kind {
                    0 => below(index, self.functions),
                    3 => below(index, self.globals),
                    _ => Ok(()),
                }
            }),
            section::START => below(reader.number()?, self.functions),
            section::ELEMENT => reader.each(|reader| self.element(reader)),
            section::DATA => reader.each(|reader| self.data(reader)),
            _ => {
                reader.bytes = &[];
                Ok(())
            }
        }
    }

    fn expression(&self, reader: &mut Reader<'_>) -> Result<()> {
        loop {
            let before = reader.bytes;
            let instruction = Instruction::read(reader, &mut Proposals::default())?;
            self.check(&instruction, before)?;
            if instruction.code == code::END {
                return Ok(());
            }
        }
    }

    fn element(&self, reader: &mut Reader<'_>) -> Result<()> {
        /// Whether the segment is not copied into a table at the start.
        const PASSIVE: u64 = 1;
        /// Whether the segment names its table.
        const NAMES_TABLE: u64 = 2;
        /// Whether the entries are expressions.
        const EXPRESSIONS: u64 = 4;
        let flags = reader.number()?;
        if flags & PASSIVE == 0 {
            if flags & NAMES_TABLE != 0 {
                reader.number()?;
            }
            self.expression(reader)?;
        }
        if flags & (PASSIVE | NAMES_TABLE) != 0 {
            reader.byte()?;
        }
        reader.each(|reader| match flags & EXPRESSIONS {
            0 => below(reader.number()?, self.functions),
            _ => self.expression(reader),
        })
    }

    fn data(&self, reader: &mut Reader<'_>) -> Result<()> {
        let flags = reader.number()?;
        if flags == 2 {
            reader.number()?;
        }
        if flags != 1 {
            self.expression(reader)?;
        }
        let length = reader.length()?;
        reader.take(length).map(drop)
    }
}

/// Tables with an initial value belong to a proposal that no engine here needs.
fn table(reader: &mut Reader<'_>) -> Result<()> {
    match reader.byte()? {
        0x6f | 0x70 => reader.memory().map(drop),
        _ => Err(bad("they hold a table of an unknown type")),
    }
}

fn below(index: u64, limit: u64) -> Result<()> {
    if index < limit {
        Ok(())
    } else {
        Err(bad("they refer to a type, function or global that does not exist"))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
