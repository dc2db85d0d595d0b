//! Removes the checks of Binaryen's Asyncify from a module that is never suspended.
//!
//! Asyncify makes a module check after each call, and before most of its other work, whether it is unwinding to a host
//! that waits for something, or rewinding. The host functions here return at once, so that neither happens. Where the
//! module's own code cannot change that state, reads of it are replaced by the constant 0, and engines leave out the
//! code that depends on it. For an aos process, this is a third of what an interpreter does.

use super::instruction::{Instruction, Proposals, code};
use super::write::{Section, function_body};
use crate::compute::binary::Binary;
use crate::compute::binary::reader::Reader;
use crate::error::Result;

/// The exports that change the state. A host that has to wait calls them. This one does not.
const SWITCHES: [&str; 4] = [
    "asyncify_start_unwind",
    "asyncify_stop_unwind",
    "asyncify_start_rewind",
    "asyncify_stop_rewind",
];

/// Asyncify's state in a module that is never suspended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asyncify {
    /// The index of the global that holds the state.
    state: u64,
    /// The indexes of the functions that set the state.
    switches: [u64; 4],
}

/// The sections from which [`Asyncify::find`] concludes.
pub(super) struct ModuleSections<'a> {
    pub globals: Option<&'a Section<'a>>,
    pub start: Option<&'a Section<'a>>,
    pub elements: Option<&'a Section<'a>>,
    pub code: Option<&'a Section<'a>>,
}

impl Asyncify {
    /// Finds the state. `None` where the module has no Asyncify, and where something other than its code could change
    /// the state: its start function, its table, or its initial value.
    ///
    /// # Errors
    /// `BadModule` for sections that are damaged.
    pub fn find(binary: &Binary, module_sections: &ModuleSections<'_>) -> Result<Option<Self>> {
        let index = |name| binary.function(name).map(|function| function.index as u64);
        let switches = SWITCHES.map(index);
        let [Some(a), Some(b), Some(c), Some(d)] = switches else {
            return Ok(None);
        };
        let switches = [a, b, c, d];
        let own = |index: u64| index.checked_sub(binary.imports.len() as u64);
        let (Some(asks), Some(globals), Some(code)) = (
            index("asyncify_get_state").and_then(own),
            module_sections.globals,
            module_sections.code,
        ) else {
            return Ok(None);
        };
        let Some(state) = only_global(function_body(code, asks)?)? else {
            return Ok(None);
        };
        let reachable = match module_sections.elements {
            Some(elements) => in_table(elements, &switches)?,
            None => false,
        };
        let started = match module_sections.start {
            Some(start) => switches.contains(&start.count()?),
            None => false,
        };
        let asyncify = is_zero(globals, state)? && !reachable && !started;
        Ok(asyncify.then_some(Self { state, switches }))
    }

    /// Whether the instruction reads the state.
    pub fn reads_state(&self, instruction: &Instruction) -> bool {
        instruction.code == code::GLOBAL_GET && instruction.operand == self.state
    }

    /// Writes the constant 0 in place of a read of the state, folded with the instructions behind it that depend on it.
    /// Returns how many bytes of `rest`, the instructions behind the read, this replaces.
    pub fn fold_constant(rest: &[u8], out: &mut Vec<u8>) -> usize {
        use code::{I32_CONST, I32_EQ, I32_EQZ, I32_OR, LOCAL_GET, SELECT};
        const FALSE: &[u8] = &[I32_CONST, 0];
        const TRUE: &[u8] = &[I32_CONST, 1];
        let (written, left): (&[u8], &[u8]) = match *rest {
            // Before a call: no rewind, or a rewind into this call. `0 == 0 | turn == 5`
            [I32_EQZ, LOCAL_GET, ref local @ ..] => match *after_number(local) {
                [I32_EQZ, I32_OR, ref left @ ..] => (TRUE, left),
                [I32_CONST, ref turn @ ..] => match *after_number(turn) {
                    [I32_EQ, I32_OR, ref left @ ..] => (TRUE, left),
                    _ => (FALSE, rest),
                },
                _ => (FALSE, rest),
            },
            // A condition holds, or the module is rewinding: `condition | 0 == 2`
            [I32_CONST, 1..0x80, I32_EQ, I32_OR, ref left @ ..] => (&[], left),
            // A condition does not hold: `condition ? 0 : 1`, which is `!condition`.
            [I32_CONST, 1, LOCAL_GET, ref local @ ..] => match *after_number(local) {
                [SELECT, ref left @ ..] => {
                    out.extend_from_slice(rest.get(2..rest.len() - left.len() - 1).unwrap_or_default());
                    (&[I32_EQZ], left)
                }
                _ => (FALSE, rest),
            },
            _ => (FALSE, rest),
        };
        out.extend_from_slice(written);
        rest.len() - left.len()
    }

    /// Whether the instruction, in the function with this index, could change the state.
    pub fn may_change_state(&self, function: u64, instruction: &Instruction) -> bool {
        match instruction.code {
            code::GLOBAL_SET => instruction.operand == self.state && !self.switches.contains(&function),
            code::CALL | code::RETURN_CALL | code::REF_FUNC => self.switches.contains(&instruction.operand),
            _ => false,
        }
    }
}

/// The bytes behind a LEB128 number.
fn after_number(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0);
    end.and_then(|end| bytes.get(end + 1..)).unwrap_or_default()
}

/// The global that a function returns, if it does nothing else.
fn only_global(mut body: Reader<'_>) -> Result<Option<u64>> {
    let (first, second) = (next(&mut body)?, next(&mut body)?);
    let only = first.code == code::GLOBAL_GET && second.code == code::END;
    Ok(only.then_some(first.operand))
}

/// Whether a global is a number of 32 bits whose initial value is 0.
fn is_zero(globals: &Section<'_>, index: u64) -> Result<bool> {
    const I32: u8 = 0x7f;
    let mut reader = Reader { bytes: &globals.body };
    let mut at = 0;
    let mut zero = false;
    reader.each(|reader| {
        let value_type = reader.byte()?;
        reader.byte()?;
        let first = expression(reader)?;
        if at == index {
            zero = value_type == I32 && first.code == code::I32_CONST && first.operand == 0;
        }
        at += 1;
        Ok(())
    })?;
    Ok(zero)
}

/// Reads a constant expression. Returns its first instruction.
fn expression(reader: &mut Reader<'_>) -> Result<Instruction> {
    let first = next(reader)?;
    let mut last = first;
    while last.code != code::END {
        last = next(reader)?;
    }
    Ok(first)
}

/// Whether one of the functions is in the table. Segments of unusual forms are not read, and count as true.
fn in_table(elements: &Section<'_>, functions: &[u64]) -> Result<bool> {
    let mut reader = Reader { bytes: &elements.body };
    for _ in 0..reader.number()? {
        if reader.number()? != 0 {
            return Ok(true);
        }
        expression(&mut reader)?;
        for _ in 0..reader.number()? {
            if functions.contains(&reader.number()?) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn next(reader: &mut Reader<'_>) -> Result<Instruction> {
    Instruction::read(reader, &mut Proposals::default())
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
