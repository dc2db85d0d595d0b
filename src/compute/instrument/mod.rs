//! Instruments for a module: counters that every engine can read, written into the module before it is compiled.
//!
//! - How deep its C stack has been, so that memory which was never used need not be looked at: 64 of an aos process's
//!   68 MB.
//! - What it has paid, if it pays for instructions: a counter inside is much cheaper than a call to the host for each
//!   block of code.
//! - How far its memory may grow. Engines have no such limit, or each its own way to say no.
//!
//! And what is known beforehand is written in: that no host stops a module midway.
//!
//! | file | what lives there |
//! |---|---|
//! | `added` | the counters, and the functions that keep them |
//! | `body` | one function after the other, rewritten |
//! | `gas` | what instructions cost |
//! | `idle` | code for being stopped midway |
//! | `instruction`, `write` | WebAssembly's binary format |
//!
//! What a module computes stays the same, to the last byte of its memory.

mod asyncify;
mod gas;
mod injected;
mod instruction;
mod rewrite;
mod write;

use super::binary::reader::Reader;
use super::binary::{Binary, ValueType};
use super::format::Layout;
use crate::error::Result;
use asyncify::{Asyncify, ModuleSections};
use injected::Injected;
use instruction::{Instruction, Proposals, code};
use rewrite::{Found, Plan};
use write::{Section, unsigned};

/// The names of the counters, as the module exports them.
pub(super) mod global {
    /// The lowest that the C stack's pointer has been.
    pub const STACK_LOW: &str = "aoxide.stack_low";
    /// Paid since the message began.
    pub const GAS: &str = "aoxide.gas";
    /// The most that may be paid.
    pub const LIMIT: &str = "aoxide.limit";
    /// The most pages of memory.
    pub const MAX_PAGES: &str = "aoxide.max_pages";
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
    pub const START: u8 = 8;
    pub const ELEMENT: u8 = 9;
    pub const CODE: u8 = 10;
}

/// Puts the instruments in. With `pays`, code pays for itself whether or not its author has it pay.
///
/// # Errors
/// `BadModule` for bytes that are no module, `Unsupported` for code that no engine here can run.
pub(super) fn instrument(bytes: &[u8], binary: &Binary, layout: &Layout, pays: bool) -> Result<Instrumented> {
    let sections = sections(bytes)?;
    let find = |id| sections.iter().find(|section| section.id == id);
    let count = |id| find(id).map_or(Ok(0), Section::count);
    let import_count = binary.imports.len() as u64;
    let usegas = binary.imports.iter().position(|import| import.name == "usegas");
    let module_sections = ModuleSections {
        globals: find(section::GLOBAL),
        start: find(section::START),
        elements: find(section::ELEMENT),
        code: find(section::CODE),
    };
    let stack_pointer = stack_pointer(binary, layout, find(section::CODE), import_count)?;
    let injected = Injected {
        memory64: layout.memory64,
        types: count(section::TYPE)?,
        functions: import_count + count(section::FUNCTION)?,
        globals: count(section::GLOBAL)?,
        has_stack_pointer: stack_pointer.is_some(),
    };
    let narrow = |index: usize| {
        let import = binary.imports.get(index);
        import.is_some_and(|import| import.func_type.parameters == [ValueType::I32])
    };
    let mut plan = Plan {
        injected: &injected,
        usegas: usegas.map(|index| (index as u64, narrow(index))),
        stack_pointer,
        adds_metering: pays && usegas.is_none(),
        asyncify: Asyncify::find(binary, &module_sections)?,
    };
    let mut found = Found::default();
    let mut code = rewritten(module_sections.code, import_count, &plan, &mut found)?;
    if found.asyncify_used {
        plan.asyncify = None;
        code = rewritten(module_sections.code, import_count, &plan, &mut found)?;
    }
    let mut written = Vec::with_capacity(bytes.len() + code.body.len() / 4);
    written.extend_from_slice(bytes.get(..8).unwrap_or_default());
    let mut has_globals = false;
    for section in sections.iter().filter(|section| section.id != section::CUSTOM) {
        if section.id >= section::EXPORT && !has_globals {
            has_globals = true;
            match find(section::GLOBAL) {
                Some(globals) => globals.extended(&injected.globals())?.write(&mut written),
                None => Section::new(section::GLOBAL, &injected.globals()).write(&mut written),
            }
        }
        match section.id {
            section::TYPE => section.extended(&injected.types())?.write(&mut written),
            section::FUNCTION => section.extended(&injected.functions())?.write(&mut written),
            // Written where they belong, present or not.
            section::GLOBAL => {}
            section::EXPORT => section.extended(&injected.exports())?.write(&mut written),
            section::CODE => code.write(&mut written),
            _ => section.write(&mut written),
        }
    }
    Ok(Instrumented {
        bytes: written,
        vectors: found.proposals.vectors,
        exceptions: found.proposals.exceptions,
    })
}

/// The section of code, with what is added.
fn rewritten(
    section: Option<&Section<'_>>,
    import_count: u64,
    plan: &Plan<'_>,
    found: &mut Found,
) -> Result<Section<'static>> {
    let none = Section::new(section::CODE, &[]);
    let section = section.unwrap_or(&none);
    let injected = plan.injected.code();
    let mut reader = Reader { bytes: &section.body };
    let count = reader.number()?;
    let mut bodies = Vec::with_capacity(section.body.len() + section.body.len() / 4);
    unsigned(count.saturating_add(injected.len() as u64), &mut bodies);
    let mut body = Vec::new();
    for function in import_count..import_count.saturating_add(count) {
        let length = reader.length()?;
        body.clear();
        plan.rewrite(function, reader.take(length)?, found, &mut body)?;
        unsigned(body.len() as u64, &mut bodies);
        bodies.extend_from_slice(&body);
    }
    for body in &injected {
        unsigned(body.len() as u64, &mut bodies);
        bodies.extend_from_slice(body);
    }
    Ok(Section {
        id: section.id,
        body: bodies.into(),
    })
}

fn sections(bytes: &[u8]) -> Result<Vec<Section<'_>>> {
    let mut reader = Reader { bytes };
    reader.take(8)?;
    let mut sections = Vec::new();
    while !reader.bytes.is_empty() {
        let id = reader.byte()?;
        let length = reader.length()?;
        let body = reader.take(length)?.into();
        sections.push(Section { id, body });
    }
    Ok(sections)
}

/// The global that points to the top of the C stack: the one that the function which says where that is reads.
fn stack_pointer(
    binary: &Binary,
    layout: &Layout,
    code: Option<&Section<'_>>,
    import_count: u64,
) -> Result<Option<u64>> {
    let (Some([save, ..]), Some(code), true) = (layout.stack(), code, layout.knows_stack()) else {
        return Ok(None);
    };
    let function = binary.function(layout.export(save));
    let Some(index) = function.and_then(|function| (function.index as u64).checked_sub(import_count)) else {
        return Ok(None);
    };
    let mut body = function_body(code, index)?;
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

/// The instructions of one of the module's own functions.
fn function_body<'a>(code: &'a Section<'_>, index: u64) -> Result<Reader<'a>> {
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
    Ok(body)
}
