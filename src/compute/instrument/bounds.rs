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
        const TABLE: u64 = 2;
        /// Whether the entries are expressions.
        const EXPRESSIONS: u64 = 4;
        let flags = reader.number()?;
        if flags & PASSIVE == 0 {
            if flags & TABLE != 0 {
                reader.number()?;
            }
            self.expression(reader)?;
        }
        if flags & (PASSIVE | TABLE) != 0 {
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
mod tests {
    use crate::compute::binary::Binary;
    use crate::compute::format::Layout;
    use crate::compute::instrument::instrument;
    use crate::error::ErrorKind;

    /// A module with 3 types, 3 functions and 1 global, apart from what is added at PLACE.
    const MODULE: &str = "(module
        (type (func (param i32) (result i32))) (type (func (param i32 i32) (result i32))) (type (func))
        (import \"env\" \"exit\" (func (type 2)))
        (table 2 funcref) (memory (export \"memory\") 1) (global (mut i32) (i32.const 0))
        (func (export \"malloc\") (type 0) (i32.const 0))
        (func (export \"handle\") (type 1) BODY (i32.const 0)) SECTION)";

    fn kind(place: &str, text: &str) -> Option<ErrorKind> {
        let text = match place {
            "BODY" => MODULE.replace("BODY", text).replace("SECTION", ""),
            _ => MODULE.replace("BODY", "").replace("SECTION", text),
        };
        let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let binary = match Binary::read(&bytes) {
            Ok(binary) => binary,
            Err(error) => return Some(error.kind()),
        };
        let layout = Layout::of(&binary, None).unwrap();
        instrument(&bytes, &binary, &layout, false)
            .err()
            .map(|error| error.kind())
    }

    #[test]
    fn indexes_of_added_types_functions_and_globals_are_refused() {
        for (place, text, last) in [
            ("BODY", "(call INDEX)", 2),
            ("BODY", "(drop (ref.func INDEX))", 2),
            ("BODY", "(drop (global.get INDEX))", 0),
            ("BODY", "(global.set INDEX (i32.const 0))", 0),
            ("BODY", "(call_indirect (type INDEX) (i32.const 0))", 2),
            ("BODY", "(block (type INDEX))", 2),
            ("SECTION", "(func (type INDEX))", 2),
            ("SECTION", "(export \"f\" (func INDEX))", 2),
            ("SECTION", "(export \"g\" (global INDEX))", 0),
            ("SECTION", "(start INDEX)", 2),
            ("SECTION", "(elem (i32.const 0) INDEX)", 2),
            ("SECTION", "(elem func INDEX)", 2),
            ("SECTION", "(elem declare func INDEX)", 2),
            ("SECTION", "(elem (i32.const 0) funcref (ref.func INDEX))", 2),
            ("SECTION", "(elem funcref (ref.func INDEX))", 2),
            ("SECTION", "(elem (global.get INDEX) 0)", 0),
            ("SECTION", "(data (global.get INDEX) \"a\")", 0),
            ("SECTION", "(global i32 (global.get INDEX))", 1),
            ("SECTION", "(tag (type INDEX))", 2),
        ] {
            let with = |index: u32| kind(place, &text.replace("INDEX", &index.to_string()));
            assert_eq!(with(last), None, "{text}");
            for beyond in 1..4 {
                assert_eq!(with(last + beyond), Some(ErrorKind::BadModule), "{text} + {beyond}");
            }
        }
    }

    #[test]
    fn value_types_of_blocks_are_no_indexes() {
        for text in [
            "(block)",
            "(drop (block (result i32) (i32.const 0)))",
            "(loop)",
            "(if (i32.const 0) (then))",
        ] {
            assert_eq!(kind("BODY", text), None, "{text}");
        }
    }
}
