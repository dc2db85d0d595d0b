//! Instruments for a module: counters that every engine can read, written into the module before it is compiled.
//!
//! - How deep its C stack has been, so that memory which was never used need not be looked at: 64 of an aos process's
//!   68 MB.
//! - What it has paid, if it pays for instructions: a counter inside is much cheaper than a call to the host for each
//!   block of code.
//! - How far its memory may grow. Engines have no such limit, or each its own way to say no.
//!
//! What a module computes stays the same, to the last byte of its memory.

mod gas;
mod instruction;
mod write;

use super::binary::{Binary, ValueType};
use super::format::Layout;
use super::reader::{Reader, bad};
use crate::error::Result;
use gas::Meter;
use instruction::{Instruction, Proposals, code};
use write::{Section, signed, unsigned};

/// The names of the counters, as the module exports them.
pub(super) mod global {
    /// The lowest that the C stack's pointer has been.
    pub const LOW: &str = "aoxide.low";
    /// Paid since the message began.
    pub const GAS: &str = "aoxide.gas";
    /// The most that may be paid.
    pub const LIMIT: &str = "aoxide.limit";
    /// The most pages of memory.
    pub const MOST: &str = "aoxide.most";
    /// Why the module was ended from inside.
    pub const FAULT: &str = "aoxide.fault";

    pub const NO_GAS: i64 = 1;
    pub const NO_MEMORY: i64 = 2;
}

/// A module with its instruments.
pub(super) struct Instrumented {
    pub bytes: Vec<u8>,
    /// Whether its code works on vectors.
    pub vectors: bool,
    /// Whether its code throws or catches WebAssembly's own exceptions.
    pub exceptions: bool,
}

/// The sections of a module, by their numbers.
mod section {
    pub const CUSTOM: u8 = 0;
    pub const TYPE: u8 = 1;
    pub const FUNCTION: u8 = 3;
    pub const GLOBAL: u8 = 6;
    pub const EXPORT: u8 = 7;
    pub const CODE: u8 = 10;
}

const VOID: u8 = 0x40;
const I32_SUB: u8 = 0x6b;
const I64_SUB: u8 = 0x7d;
const I64_ADD: u8 = 0x7c;
const I32_LT_U: u8 = 0x49;
const I64_LT_U: u8 = 0x54;
const I32_GT_U: u8 = 0x4b;
const I64_GT_U: u8 = 0x56;
const I64_GT_S: u8 = 0x55;
const I64_EXTEND_I32_S: u8 = 0xac;

/// Puts the instruments in. With `pays`, code pays for itself whether or not its author has it pay.
///
/// # Errors
/// `BadModule` for bytes that are no module, `Unsupported` for code that no engine here can run.
pub(super) fn instrument(bytes: &[u8], binary: &Binary, layout: &Layout, pays: bool) -> Result<Instrumented> {
    let sections = sections(bytes)?;
    let find = |id| sections.iter().find(|section| section.id == id);
    let count = |id| find(id).map_or(Ok(0), Section::count);
    let imported = binary.imports.len() as u64;
    let functions = imported + count(section::FUNCTION)?;
    let usegas = binary.imports.iter().position(|import| import.name == "usegas");
    let names = Names {
        wide: layout.wide,
        types: count(section::TYPE)?,
        functions,
        globals: count(section::GLOBAL)?,
        usegas: usegas.map(|index| index as u64),
        stack_pointer: stack_pointer(binary, layout, find(section::CODE), imported)?,
        meters: pays && usegas.is_none(),
    };
    let narrow = usegas
        .and_then(|index| binary.imports.get(index))
        .is_some_and(|import| import.signature.parameters == [ValueType::I32]);
    let mut proposals = Proposals::default();
    let mut written = bytes.get(..8).unwrap_or_default().to_vec();
    let mut has_globals = false;
    for section in sections.iter().filter(|section| section.id != section::CUSTOM) {
        if section.id >= section::EXPORT && !has_globals {
            has_globals = true;
            match find(section::GLOBAL) {
                Some(globals) => globals.extended(&names.added_globals())?.write(&mut written),
                None => Section::new(section::GLOBAL, &names.added_globals()).write(&mut written),
            }
        }
        match section.id {
            section::TYPE => section.extended(&names.added_types())?.write(&mut written),
            section::FUNCTION => section.extended(&names.added_functions())?.write(&mut written),
            // Written where they belong, present or not.
            section::GLOBAL => {}
            section::EXPORT => section.extended(&names.added_exports())?.write(&mut written),
            section::CODE => names.code(section, narrow, &mut proposals)?.write(&mut written),
            _ => section.write(&mut written),
        }
    }
    Ok(Instrumented {
        bytes: written,
        vectors: proposals.vectors,
        exceptions: proposals.exceptions,
    })
}

fn sections(bytes: &[u8]) -> Result<Vec<Section>> {
    let mut reader = Reader { bytes };
    reader.take(8)?;
    let mut sections = Vec::new();
    while !reader.bytes.is_empty() {
        let id = reader.byte()?;
        let length = reader.length()?;
        let body = reader.take(length)?.to_vec();
        sections.push(Section { id, body });
    }
    Ok(sections)
}

/// The global that points to the top of the C stack: the one that the function which says where that is reads.
fn stack_pointer(binary: &Binary, layout: &Layout, code: Option<&Section>, imported: u64) -> Result<Option<u64>> {
    let (Some([save, ..]), Some(code), true) = (layout.stack(), code, layout.knows_stack()) else {
        return Ok(None);
    };
    let function = binary.function(layout.export(save));
    let Some(index) = function.and_then(|function| (function.index as u64).checked_sub(imported)) else {
        return Ok(None);
    };
    let mut reader = Reader { bytes: &code.body };
    reader.number()?;
    for _ in 0..index {
        let length = reader.length()?;
        reader.take(length)?;
    }
    let length = reader.length()?;
    let mut body = Reader {
        bytes: reader.take(length)?,
    };
    body.each(|body| body.number().and_then(|_| body.number()).map(drop))?;
    // Its last act; before it there may be what a tool put there.
    let mut last = None;
    loop {
        let instruction = Instruction::read(&mut body, &mut Proposals::default())?;
        if body.bytes.is_empty() {
            return Ok(last
                .filter(|last: &Instruction| last.code == code::GLOBAL_GET)
                .map(|last| last.operand));
        }
        last = Some(instruction);
    }
}

/// Where what is added begins, and what is replaced.
struct Names {
    wide: bool,
    types: u64,
    functions: u64,
    globals: u64,
    usegas: Option<u64>,
    stack_pointer: Option<u64>,
    meters: bool,
}

/// The added functions, counted from the first.
mod added {
    /// `(i64)`: pays.
    pub const PAY: u64 = 0;
    /// `(i32)`: pays; for modules whose prices have 32 bits.
    pub const PAY_NARROW: u64 = 1;
    /// `(pages) → pages`: what `memory.grow` does, as far as it may.
    pub const GROW: u64 = 2;

    // The globals.
    pub const LOW: u64 = 0;
    pub const GAS: u64 = 1;
    pub const LIMIT: u64 = 2;
    pub const MOST: u64 = 3;
    pub const FAULT: u64 = 4;
}

impl Names {
    fn pointer(&self) -> u8 {
        if self.wide { 0x7e } else { 0x7f }
    }

    fn added_types(&self) -> Vec<Vec<u8>> {
        let pointer = self.pointer();
        vec![
            vec![0x60, 1, 0x7e, 0],
            vec![0x60, 1, 0x7f, 0],
            vec![0x60, 1, pointer, 1, pointer],
        ]
    }

    fn added_functions(&self) -> Vec<Vec<u8>> {
        (0..3).map(|index| number(self.types + index)).collect()
    }

    fn added_globals(&self) -> Vec<Vec<u8>> {
        let pointer = |value| vec![self.pointer(), 1, if self.wide { 0x42 } else { 0x41 }, value, code::END];
        let wide = |value| {
            let mut global = vec![0x7e, 1, code::I64_CONST];
            signed(value, &mut global);
            global.push(code::END);
            global
        };
        let fault = vec![0x7f, 1, code::I32_CONST, 0, code::END];
        // -1, the highest number that there is: nothing is lower yet, and nothing forbidden.
        vec![pointer(0x7f), wide(0), wide(i64::MAX), pointer(0x7f), fault]
    }

    fn added_exports(&self) -> Vec<Vec<u8>> {
        const GLOBAL: u8 = 3;
        let names = [
            (global::LOW, added::LOW),
            (global::GAS, added::GAS),
            (global::LIMIT, added::LIMIT),
            (global::MOST, added::MOST),
            (global::FAULT, added::FAULT),
        ];
        let export = |(name, index): (&str, u64)| {
            let mut export = number(name.len() as u64);
            export.extend_from_slice(name.as_bytes());
            export.push(GLOBAL);
            unsigned(self.globals + index, &mut export);
            export
        };
        // Without a stack's pointer there is nothing to mark.
        let absent = usize::from(self.stack_pointer.is_none());
        names.into_iter().skip(absent).map(export).collect()
    }

    fn global(&self, instruction: u8, index: u64, code: &mut Vec<u8>) {
        code.push(instruction);
        unsigned(self.globals + index, code);
    }

    fn call(&self, index: u64, code: &mut Vec<u8>) {
        code.push(code::CALL);
        unsigned(self.functions + index, code);
    }

    /// Ends the module from inside, if the comparison on the stack holds.
    fn fault_if(&self, fault: i64, code: &mut Vec<u8>) {
        code.extend_from_slice(&[code::IF, VOID, code::I32_CONST]);
        signed(fault, code);
        self.global(code::GLOBAL_SET, added::FAULT, code);
        code.extend_from_slice(&[code::UNREACHABLE, code::END]);
    }

    fn added_code(&self) -> [Vec<u8>; 3] {
        let get = |code: &mut Vec<u8>, index| self.global(code::GLOBAL_GET, index, code);

        let mut pay = vec![0];
        get(&mut pay, added::GAS);
        pay.extend_from_slice(&[code::LOCAL_GET, 0, I64_ADD]);
        self.global(code::GLOBAL_SET, added::GAS, &mut pay);
        get(&mut pay, added::GAS);
        get(&mut pay, added::LIMIT);
        pay.push(I64_GT_S);
        self.fault_if(global::NO_GAS, &mut pay);
        pay.push(code::END);

        let mut narrow = vec![0, code::LOCAL_GET, 0, I64_EXTEND_I32_S];
        self.call(added::PAY, &mut narrow);
        narrow.push(code::END);

        let (minus, above) = if self.wide {
            (I64_SUB, I64_GT_U)
        } else {
            (I32_SUB, I32_GT_U)
        };
        let mut grow = vec![0, code::LOCAL_GET, 0];
        get(&mut grow, added::MOST);
        grow.extend_from_slice(&[code::MEMORY_SIZE, 0, minus, above]);
        self.fault_if(global::NO_MEMORY, &mut grow);
        grow.extend_from_slice(&[code::LOCAL_GET, 0, code::MEMORY_GROW, 0, code::END]);
        [pay, narrow, grow]
    }

    /// Keeps the mark where the stack was lowest.
    fn mark(&self, stack_pointer: u64, code: &mut Vec<u8>) {
        let below = if self.wide { I64_LT_U } else { I32_LT_U };
        let mut read = Vec::new();
        read.push(code::GLOBAL_GET);
        unsigned(stack_pointer, &mut read);
        code.extend_from_slice(&read);
        self.global(code::GLOBAL_GET, added::LOW, code);
        code.extend_from_slice(&[below, code::IF, VOID]);
        code.extend_from_slice(&read);
        self.global(code::GLOBAL_SET, added::LOW, code);
        code.push(code::END);
    }

    fn code(&self, section: &Section, narrow: bool, proposals: &mut Proposals) -> Result<Section> {
        let mut bodies = Vec::with_capacity(section.body.len() + section.body.len() / 4);
        let mut reader = Reader { bytes: &section.body };
        let count = reader.number()?;
        let mut body = Vec::new();
        for _ in 0..count {
            let length = reader.length()?;
            body.clear();
            self.body(reader.take(length)?, narrow, proposals, &mut body)?;
            unsigned(body.len() as u64, &mut bodies);
            bodies.extend_from_slice(&body);
        }
        let added = self.added_code();
        for body in &added {
            unsigned(body.len() as u64, &mut bodies);
            bodies.extend_from_slice(body);
        }
        let mut whole = number(count + added.len() as u64);
        whole.append(&mut bodies);
        Ok(Section {
            id: section.id,
            body: whole,
        })
    }

    /// One function.
    fn body(&self, bytes: &[u8], narrow: bool, proposals: &mut Proposals, body: &mut Vec<u8>) -> Result<()> {
        const V128: u64 = 0x7b;
        let mut reader = Reader { bytes };
        reader.each(|reader| {
            reader.number()?;
            proposals.vectors |= reader.number()? == V128;
            Ok(())
        })?;
        let locals = bytes.len() - reader.bytes.len();
        body.extend_from_slice(bytes.get(..locals).unwrap_or_default());
        let mut meter = Meter::default();
        let mut segment = Vec::new();
        while !reader.bytes.is_empty() {
            let before = reader.bytes;
            let instruction = Instruction::read(&mut reader, proposals)?;
            let its_bytes = before.get(..before.len() - reader.bytes.len()).unwrap_or_default();
            let out = if self.meters { &mut segment } else { &mut *body };
            match instruction.code {
                code::CALL | code::RETURN_CALL if Some(instruction.operand) == self.usegas => {
                    out.push(instruction.code);
                    unsigned(
                        self.functions + if narrow { added::PAY_NARROW } else { added::PAY },
                        out,
                    );
                }
                code::MEMORY_GROW => self.call(added::GROW, out),
                code::GLOBAL_SET if Some(instruction.operand) == self.stack_pointer => {
                    out.extend_from_slice(its_bytes);
                    self.mark(instruction.operand, out);
                }
                _ => out.extend_from_slice(its_bytes),
            }
            if let Some(price) = meter.add(instruction.code).filter(|_| self.meters) {
                if price > 0 {
                    body.push(code::I64_CONST);
                    signed(i64::try_from(price).map_err(|_| bad("its code is too long"))?, body);
                    self.call(added::PAY, body);
                }
                body.append(&mut segment);
            }
        }
        body.append(&mut segment);
        Ok(())
    }
}

fn number(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    unsigned(value, &mut bytes);
    bytes
}
