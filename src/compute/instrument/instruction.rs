//! Reads instructions, as far as needed to find the next one and to recognise those that are rewritten.

use crate::compute::binary::reader::{Reader, bad};
use crate::error::{Error, ErrorKind, Result};

pub(super) mod code {
    pub const UNREACHABLE: u8 = 0x00;
    pub const BLOCK: u8 = 0x02;
    pub const LOOP: u8 = 0x03;
    pub const IF: u8 = 0x04;
    pub const ELSE: u8 = 0x05;
    pub const TRY: u8 = 0x06;
    pub const END: u8 = 0x0b;
    pub const BR: u8 = 0x0c;
    pub const BR_IF: u8 = 0x0d;
    pub const BR_TABLE: u8 = 0x0e;
    pub const RETURN: u8 = 0x0f;
    pub const CALL: u8 = 0x10;
    pub const CALL_INDIRECT: u8 = 0x11;
    pub const RETURN_CALL: u8 = 0x12;
    pub const RETURN_CALL_INDIRECT: u8 = 0x13;
    pub const SELECT: u8 = 0x1b;
    pub const TRY_TABLE: u8 = 0x1f;
    pub const LOCAL_GET: u8 = 0x20;
    pub const LOCAL_SET: u8 = 0x21;
    pub const LOCAL_TEE: u8 = 0x22;
    pub const GLOBAL_GET: u8 = 0x23;
    pub const GLOBAL_SET: u8 = 0x24;
    pub const DROP: u8 = 0x1a;
    pub const MEMORY_SIZE: u8 = 0x3f;
    pub const MEMORY_GROW: u8 = 0x40;
    pub const I32_CONST: u8 = 0x41;
    pub const I64_CONST: u8 = 0x42;
    pub const I32_EQZ: u8 = 0x45;
    pub const I32_EQ: u8 = 0x46;
    pub const I32_GE_U: u8 = 0x4f;
    pub const I32_ADD: u8 = 0x6a;
    pub const I32_SUB: u8 = 0x6b;
    pub const I32_OR: u8 = 0x72;
    pub const I64_ADD: u8 = 0x7c;
    pub const I64_SUB: u8 = 0x7d;
    pub const REF_FUNC: u8 = 0xd2;
}

/// The WebAssembly proposals that a module may use and that not every engine has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Proposals {
    pub vectors: bool,
    pub exceptions: bool,
}

/// One instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instruction {
    pub code: u8,
    /// The first number behind the opcode: the index of a function, a global, a label and so on.
    pub operand: u64,
}

impl Instruction {
    /// Reads the next instruction, and notes the proposals that it belongs to.
    ///
    /// # Errors
    /// `Unsupported` for a proposal that no engine here has, `BadModule` for bytes that are no instruction.
    pub fn read(reader: &mut Reader<'_>, proposals: &mut Proposals) -> Result<Self> {
        let code = reader.byte()?;
        let mut operand = 0;
        match code {
            0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => {}
            // Blocks have a type. The others have one index or constant.
            0x02..=0x04 | 0x0c | 0x0d | 0x10 | 0x12 | 0x20..=0x26 | 0x3f..=0x42 | 0xd0 | 0xd2 => {
                operand = reader.number()?;
            }
            0x06..=0x09 | 0x18 => {
                proposals.exceptions = true;
                operand = reader.number()?;
            }
            0x0a | 0x19 => proposals.exceptions = true,
            0x1f => {
                proposals.exceptions = true;
                operand = reader.number()?;
                reader.each(catch)?;
            }
            0x0e => {
                reader.each(|reader| reader.number().map(drop))?;
                reader.number()?;
            }
            0x11 | 0x13 => {
                operand = reader.number()?;
                reader.number()?;
            }
            0x1c => reader.each(|reader| reader.number().map(drop))?,
            0x28..=0x3e => memory_operand(reader)?,
            0x43 => drop(reader.take(4)?),
            0x44 => drop(reader.take(8)?),
            0xfc => bulk(reader)?,
            0xfd => {
                proposals.vectors = true;
                vector(reader)?;
            }
            0xfe => return Err(unsupported("shared memory (threads)")),
            0x14 | 0x15 | 0xd3..=0xd6 | 0xfb => return Err(unsupported("typed references (garbage collection)")),
            _ => return Err(bad("they hold instructions that do not exist")),
        }
        Ok(Self { code, operand })
    }
}

fn catch(reader: &mut Reader<'_>) -> Result<()> {
    // The first two kinds have a tag before their label.
    if reader.byte()? < 2 {
        reader.number()?;
    }
    reader.number().map(drop)
}

fn memory_operand(reader: &mut Reader<'_>) -> Result<()> {
    const OTHER_MEMORY: u64 = 1 << 6;
    if reader.number()? & OTHER_MEMORY != 0 {
        reader.number()?;
    }
    reader.number().map(drop)
}

fn bulk(reader: &mut Reader<'_>) -> Result<()> {
    let operands = match reader.number()? {
        0..=7 => 0,
        9 | 11 | 13 | 15..=17 => 1,
        8 | 10 | 12 | 14 => 2,
        _ => return Err(bad("they hold instructions that do not exist")),
    };
    for _ in 0..operands {
        reader.number()?;
    }
    Ok(())
}

fn vector(reader: &mut Reader<'_>) -> Result<()> {
    match reader.number()? {
        0..=11 | 92 | 93 => memory_operand(reader),
        12 | 13 => reader.take(16).map(drop),
        21..=34 => reader.byte().map(drop),
        84..=91 => {
            memory_operand(reader)?;
            reader.byte().map(drop)
        }
        _ => Ok(()),
    }
}

fn unsupported(what: &str) -> Error {
    let message = format!("The module uses WebAssembly's {what}, which no engine here has. Build it without that");
    Error::new(ErrorKind::Unsupported, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn read_finds_the_end_of_every_kind_of_instruction() {
        let module = wat::parse_str(
            "(module (memory 1) (table 2 funcref) (global $g (mut i32) (i32.const 0)) (tag $t)
               (func $f (param i32) (result i32)
                 (block (loop (br_if 0 (local.get 0)) (br_table 0 1 0 (local.get 0))))
                 (if (result i32) (i32.const -64) (then (i32.const 64)) (else (i32.load offset=300 (i32.const 1000000))))
                 (f32.const 1.5) drop (f64.const 2.5) drop (i64.const -9000000000) drop
                 (drop (i32.trunc_sat_f64_s (f64.const 1)))
                 (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))
                 (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
                 (drop (v128.const i32x4 1 2 3 4))
                 (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.load (i32.const 0)) (v128.load8_splat (i32.const 0))))
                 (drop (i32x4.extract_lane 3 (v128.load32_zero (i32.const 0))))
                 (v128.store8_lane 5 (i32.const 0) (f32x4.splat (f32.const 0)))
                 (drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))
                 (drop (select (result funcref) (ref.null func) (ref.func $f) (i32.const 0)))
                 (block $caught (try_table (catch $t $caught) (catch_all $caught) (throw $t)))
                 (drop (memory.grow (memory.size)))
                 (global.set $g (i32.extend8_s (global.get $g)))
                 (return (call $f))))",
        )
        .unwrap();
        let sections = crate::compute::instrument::sections(&module).unwrap();
        let code = sections.iter().find(|section| section.id == 10).unwrap();
        let mut reader = Reader { bytes: &code.body };
        // One body, its length, and no locals.
        for expected in [Some(1), None, Some(0)] {
            let number = reader.number().unwrap();
            assert!(expected.is_none_or(|expected| number == expected));
        }
        let mut proposals = Proposals::default();
        let mut last = Vec::new();
        while !reader.bytes.is_empty() {
            last.push(Instruction::read(&mut reader, &mut proposals).unwrap());
        }
        assert!(proposals.vectors && proposals.exceptions);
        let tail: Vec<_> = last[last.len() - 4..].iter().map(|one| one.code).collect();
        assert_eq!(tail, [code::GLOBAL_SET, code::CALL, code::RETURN, code::END]);
    }

    #[test]
    fn read_refuses_unknown_instructions_and_proposals_of_no_engine() {
        let mut proposals = Proposals::default();
        let mut read = |bytes: &[u8]| Instruction::read(&mut Reader { bytes }, &mut proposals).unwrap_err();
        assert_eq!(read(&[0xfe, 0]).kind(), ErrorKind::Unsupported);
        assert_eq!(read(&[0xfb, 0]).kind(), ErrorKind::Unsupported);
        assert_eq!(read(&[0xff]).kind(), ErrorKind::BadModule);
        assert_eq!(read(&[0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f]).kind(), ErrorKind::BadModule);
    }
}
