//! Instruments a module: adds counters to its code before it is compiled, which work on every engine.
//!
//! - The lowest address that the C stack reached, so that memory which was never used need not be searched: 64 of an
//!   aos process's 68 MB.
//! - The gas that a metered module has used. A counter inside of the module is much cheaper than a call of the host for
//!   each block of code.
//! - A check of the stop signal, where the host asks for it.
//! - The limit for the growth of memory. Engines have no such limit, or each reports it in its own way.
//!
//! It also replaces reads of Asyncify's state by a constant, since no host function here suspends a module.
//!
//! | file | contents |
//! |---|---|
//! | `injected` | the added counters, and the functions that update them |
//! | `rewrite` | rewrites the code of a function |
//! | `gas` | the gas that instructions cost |
//! | `bounds` | checks that the module does not refer to what is added |
//! | `unroll` | repeats the code of short loops, so that counting their repetitions costs less |
//! | `asyncify` | finds out whether the module is ever suspended |
//! | `global`, `section` | names of the counters, ids of sections |
//! | `instruction`, `write` | reading and writing of WebAssembly's binary format |
//!
//! What a module computes stays the same, to the last byte of its memory.

mod asyncify;
mod bounds;
mod gas;
pub(super) mod global;
mod injected;
mod instruction;
mod rewrite;
mod section;
mod unroll;
mod write;

use super::binary::reader::{Reader, bad};
use super::binary::{Binary, ValueType};
use super::format::Layout;
use super::imports;
use crate::error::Result;
use asyncify::{Asyncify, ModuleSections};
use bounds::Bounds;
pub(super) use injected::Checks;
use injected::Injected;
use instruction::{Instruction, Proposals, code};
use rewrite::{Found, RewritePlan};
use write::{Section, function_body, unsigned};

/// An instrumented module.
pub(super) struct Instrumented {
    pub bytes: Vec<u8>,
    /// Whether its code uses vectors (SIMD).
    pub vectors: bool,
    /// Whether its code throws or catches WebAssembly exceptions.
    pub exceptions: bool,
    /// Whether its code checks the stop signal.
    pub checks: bool,
}

/// Instruments a module. With `pays`, code that does not call `usegas` is metered. `checks` says where the code checks the
/// stop signal. A module that does not import `fd_close` cannot check it.
///
/// # Errors
/// `BadModule` for bytes that are not a module, `Unsupported` for code that no engine here can run.
pub(super) fn instrument(
    bytes: &[u8],
    binary: &Binary,
    layout: &Layout,
    pays: bool,
    checks: Checks,
) -> Result<Instrumented> {
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
    let bounds = Bounds {
        types: count(section::TYPE)?,
        functions: import_count + count(section::FUNCTION)?,
        globals: count(section::GLOBAL)?,
    };
    sections.iter().try_for_each(|section| bounds.check_section(section))?;
    let check = match checks {
        Checks::None => None,
        checks => imports::position(binary, "fd_close").map(|index| (checks, index as u64)),
    };
    let injected = Injected {
        memory64: layout.memory64,
        types: bounds.types,
        functions: bounds.functions,
        globals: bounds.globals,
        has_stack_pointer: stack_pointer.is_some(),
        check,
    };
    let narrow = |index: usize| {
        let import = binary.imports.get(index);
        import.is_some_and(|import| import.func_type.parameters == [ValueType::I32])
    };
    let mut plan = RewritePlan {
        bounds,
        injected: &injected,
        usegas: usegas.map(|index| (index as u64, narrow(index))),
        stack_pointer,
        adds_metering: pays && usegas.is_none(),
        asyncify: Asyncify::find(binary, &module_sections)?,
        parameters: match check {
            Some((Checks::InLoops, _)) => Some(parameters(find(section::TYPE), find(section::FUNCTION))?),
            _ => None,
        },
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
            // Written above, whether or not the module has the section.
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
        checks: check.is_some(),
    })
}

/// The number of parameters of each function that the module defines.
fn parameters(types: Option<&Section<'_>>, functions: Option<&Section<'_>>) -> Result<Vec<u64>> {
    let (mut counts, mut parameters) = (Vec::new(), Vec::new());
    if let Some(types) = types {
        Reader { bytes: &types.body }.each(|reader| {
            counts.push(reader.func_type()?.parameters.len() as u64);
            Ok(())
        })?;
    }
    if let Some(functions) = functions {
        Reader { bytes: &functions.body }.each(|reader| {
            let count = counts.get(reader.length()?).copied();
            parameters.push(count.ok_or_else(|| bad("a function has a type that does not exist"))?);
            Ok(())
        })?;
    }
    Ok(parameters)
}

/// The code section, rewritten, with the added functions.
fn rewritten(
    section: Option<&Section<'_>>,
    import_count: u64,
    plan: &RewritePlan<'_>,
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
    for function in 0..count {
        let length = reader.length()?;
        body.clear();
        let index = import_count.saturating_add(function);
        let parameters = plan.parameters.as_ref();
        let parameters = parameters.and_then(|parameters| parameters.get(usize::try_from(function).ok()?).copied());
        plan.rewrite(index, parameters, reader.take(length)?, found, &mut body)?;
        unsigned(body.len() as u64, &mut bodies);
        bodies.extend_from_slice(&body);
    }
    reader.end()?;
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

/// The index of the global that holds the C stack's pointer: the global that the exported function returns which saves
/// it.
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
    // The function's last instruction before its end. Tools may have added others before it.
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
