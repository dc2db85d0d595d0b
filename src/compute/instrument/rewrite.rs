//! A function's code, rewritten: payments and marks come in, and what is known is written as a constant.

use super::asyncify::Asyncify;
use super::gas::Meter;
use super::injected::{Injected, function};
use super::instruction::{Instruction, Proposals, code};
use super::write::{signed, unsigned};
use crate::compute::binary::reader::{Reader, bad};
use crate::error::Result;

/// What becomes of a module's code.
pub(super) struct Plan<'a> {
    pub injected: &'a Injected,
    /// The function of the host that the module pays with, and whether its prices have 32 bits.
    pub usegas: Option<(u64, bool)>,
    pub stack_pointer: Option<u64>,
    /// Whether code is to pay that does not by itself.
    pub adds_metering: bool,
    pub asyncify: Option<Asyncify>,
}

/// What only its code tells of a module.
#[derive(Default)]
pub(super) struct Found {
    pub proposals: Proposals,
    /// Whether it may be stopped midway after all.
    pub asyncify_used: bool,
}

impl Plan<'_> {
    /// Writes one function, known by its index, behind what is in `body`.
    ///
    /// # Errors
    /// `BadModule` and `Unsupported`, as for instructions.
    pub fn rewrite(&self, index: u64, bytes: &[u8], found: &mut Found, body: &mut Vec<u8>) -> Result<()> {
        const V128: u64 = 0x7b;
        let mut reader = Reader { bytes };
        reader.each(|reader| {
            reader.number()?;
            found.proposals.vectors |= reader.number()? == V128;
            Ok(())
        })?;
        let locals = bytes.len() - reader.bytes.len();
        body.extend_from_slice(bytes.get(..locals).unwrap_or_default());
        let mut meter = Meter::default();
        let mut segment = Vec::new();
        let mut rise = StackRise::default();
        let mut copy = None;
        // Most stays as it is: it is copied in long pieces.
        let mut kept = reader.bytes;
        while !reader.bytes.is_empty() {
            let before = reader.bytes;
            let instruction = Instruction::read(&mut reader, &mut found.proposals)?;
            let its_bytes = between(before, reader.bytes);
            found.asyncify_used |= self
                .asyncify
                .is_some_and(|asyncify| asyncify.may_change_state(index, &instruction));
            if let Some(change) = self.change(&instruction, rise.is_one(), copy) {
                let out = if self.adds_metering { &mut segment } else { &mut *body };
                out.extend_from_slice(between(kept, before));
                let more = self.write(change, &instruction, its_bytes, reader.bytes, out);
                reader.take(more)?;
                kept = reader.bytes;
            }
            rise.follow(instruction.code, its_bytes);
            copy = (instruction.code == code::LOCAL_TEE).then_some(instruction.operand);
            if self.adds_metering
                && let Some(price) = meter.add(instruction.code)
            {
                segment.extend_from_slice(between(kept, reader.bytes));
                kept = reader.bytes;
                if price > 0 {
                    body.push(code::I64_CONST);
                    signed(i64::try_from(price).map_err(|_| bad("its code is too long"))?, body);
                    self.injected.call(function::PAY, body);
                }
                body.append(&mut segment);
            }
        }
        body.append(&mut segment);
        body.extend_from_slice(kept);
        Ok(())
    }

    /// What becomes of an instruction. `copy` is the local that has the value on the stack as well.
    fn change(&self, instruction: &Instruction, rises: bool, copy: Option<u64>) -> Option<Change> {
        match (instruction.code, self.usegas) {
            _ if self.asyncify.is_some_and(|asyncify| asyncify.reads_state(instruction)) => Some(Change::Zero),
            (code::CALL | code::RETURN_CALL, Some((usegas, narrow))) if instruction.operand == usegas => {
                Some(Change::Call(if narrow { function::PAY_NARROW } else { function::PAY }))
            }
            (code::MEMORY_GROW, _) => Some(Change::Grow),
            (code::GLOBAL_SET, _) if !rises && Some(instruction.operand) == self.stack_pointer => {
                Some(Change::TrackStack(copy))
            }
            _ => None,
        }
    }

    /// Writes it; how many bytes of the instructions behind it, which are `rest`, are written with it.
    fn write(&self, change: Change, instruction: &Instruction, bytes: &[u8], rest: &[u8], out: &mut Vec<u8>) -> usize {
        match change {
            // Each instruction that is paid for stays.
            Change::Zero if self.adds_metering => out.extend_from_slice(&[code::I32_CONST, 0]),
            Change::Zero => return Asyncify::fold_constant(rest, out),
            Change::Call(function) => {
                out.push(instruction.code);
                unsigned(self.injected.functions + function, out);
            }
            Change::Grow => self.injected.call(function::GROW, out),
            Change::TrackStack(copy) => {
                out.extend_from_slice(bytes);
                self.injected.track_stack(instruction.operand, copy, out);
            }
        }
        0
    }
}

/// What becomes of an instruction that does not stay as it is.
enum Change {
    /// What comes of it.
    Zero,
    /// A call of another function, of those that are added.
    Call(u64),
    Grow,
    /// Itself, and a look at how deep the stack is: at this local, if it has that too.
    TrackStack(Option<u64>),
}

/// What is in front of the rest.
fn between<'a>(all: &'a [u8], rest: &[u8]) -> &'a [u8] {
    all.get(..all.len() - rest.len()).unwrap_or_default()
}

/// Whether the sum that was just made is more than what it was made from: a function gives its part of the stack back, and
/// the stack is no deeper than it was.
#[derive(Default)]
struct StackRise {
    /// Of the constant that the last instruction was.
    negative: Option<bool>,
    rises: bool,
}

impl StackRise {
    fn follow(&mut self, instruction: u8, bytes: &[u8]) {
        const SIGN: u8 = 0x40;
        self.rises = match instruction {
            code::I32_ADD | code::I64_ADD => self.negative == Some(false),
            code::I32_SUB | code::I64_SUB => self.negative == Some(true),
            _ => false,
        };
        let constant = matches!(instruction, code::I32_CONST | code::I64_CONST);
        self.negative = constant.then(|| bytes.last().is_some_and(|last| last & SIGN != 0));
    }

    fn is_one(&self) -> bool {
        self.rises
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_that_gives_back_is_no_deeper() {
        let rises = |constant: &[u8], then: u8| {
            let mut rise = StackRise::default();
            rise.follow(constant[0], constant);
            rise.follow(then, &[then]);
            rise.is_one()
        };
        let (plus, minus) = ([code::I64_CONST, 16], [code::I32_CONST, 0x70]);
        assert!(rises(&plus, code::I64_ADD));
        assert!(rises(&minus, code::I32_SUB));
        assert!(!rises(&plus, code::I64_SUB));
        assert!(!rises(&minus, code::I32_ADD));
        // A sum with something else, which may be negative.
        assert!(!rises(&[code::LOCAL_GET, 0], code::I64_ADD));
        // It is kept in a local first: a function takes its part.
        assert!(!rises(&plus, code::LOCAL_GET));
    }
}
