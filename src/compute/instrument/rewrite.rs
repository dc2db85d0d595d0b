//! Rewrites a function's code: adds metering and the tracking of the stack, and replaces known values by constants.

use super::asyncify::Asyncify;
use super::bounds::Bounds;
use super::gas::Meter;
use super::injected::{Checks, Injected, function};
use super::instruction::{Instruction, Proposals, code};
use super::unroll::unrolled;
use super::write::{signed, unsigned};
use crate::compute::binary::reader::{Reader, bad};
use crate::error::Result;

/// What to change in a module's code.
pub(super) struct RewritePlan<'a> {
    pub bounds: Bounds,
    pub injected: &'a Injected,
    /// The imported function `usegas` that the module calls to pay, and whether its prices have 32 bits.
    pub usegas: Option<(u64, bool)>,
    pub stack_pointer: Option<u64>,
    /// Whether to add metering to code that does not call `usegas`.
    pub adds_metering: bool,
    pub asyncify: Option<Asyncify>,
    /// The number of parameters of each function that the module defines, where loops check the stop signal.
    pub parameters: Option<Vec<u64>>,
}

/// What rewriting has found out about a module's code.
#[derive(Default)]
pub(super) struct Found {
    pub proposals: Proposals,
    /// Whether the code can change Asyncify's state after all.
    pub asyncify_used: bool,
}

impl RewritePlan<'_> {
    /// Rewrites the function with this index, and appends it to `body`, which is empty. `parameters` is how many the
    /// function has, where its loops check the stop signal.
    ///
    /// # Errors
    /// `BadModule` and `Unsupported`, as for instructions.
    pub fn rewrite(
        &self,
        index: u64,
        parameters: Option<u64>,
        bytes: &[u8],
        found: &mut Found,
        body: &mut Vec<u8>,
    ) -> Result<()> {
        const V128: u64 = 0x7b;
        let mut reader = Reader { bytes };
        let mut local_count = parameters.unwrap_or(0);
        reader.each(|reader| {
            local_count = local_count.saturating_add(reader.number()?);
            found.proposals.vectors |= reader.number()? == V128;
            Ok(())
        })?;
        let locals = bytes.len() - reader.bytes.len();
        let longer = match parameters {
            Some(_) => unrolled(reader.bytes)?,
            None => None,
        };
        if let Some(longer) = &longer {
            reader.bytes = longer;
        }
        body.extend_from_slice(bytes.get(..locals).unwrap_or_default());
        let repetitions = parameters.map(|_| local_count);
        let mut loops = false;
        let mut meter = Meter::default();
        let mut segment = Vec::new();
        let mut rise = StackRise::default();
        let mut copy = None;
        let mut head = Head::default();
        let after_paying = matches!(self.injected.check, Some((Checks::AfterPaying, _)));
        // Unchanged instructions are copied in long pieces. `kept` is where the next one begins.
        let mut kept = reader.bytes;
        while !reader.bytes.is_empty() {
            let before = reader.bytes;
            let instruction = Instruction::read(&mut reader, &mut found.proposals)?;
            let its_bytes = between(before, reader.bytes);
            self.bounds.check(&instruction, its_bytes)?;
            let uses_local = matches!(instruction.code, code::LOCAL_GET..=code::LOCAL_TEE);
            if uses_local && repetitions.is_some_and(|count| instruction.operand >= count) {
                return Err(bad("a function uses a local that does not exist"));
            }
            found.asyncify_used |= self
                .asyncify
                .is_some_and(|asyncify| asyncify.may_change_state(index, &instruction));
            if let Some(change) = self.change(&instruction, rise.is_one(), copy, repetitions) {
                loops |= matches!(change, Change::CountRepetition(_));
                let out = if self.adds_metering { &mut segment } else { &mut *body };
                out.extend_from_slice(between(kept, before));
                let pays = after_paying && matches!(change, Change::Call(_)) && instruction.code == code::CALL;
                let more = self.write(change, &instruction, its_bytes, reader.bytes, out);
                if pays && head.pays() {
                    self.injected.check_after_paying(out);
                }
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
                    if after_paying && head.pays() {
                        self.injected.check_after_paying(body);
                    }
                }
                body.append(&mut segment);
            }
            head.follow(instruction.code);
        }
        body.append(&mut segment);
        body.extend_from_slice(kept);
        if loops {
            add_local(locals, body)?;
        }
        Ok(())
    }

    /// The change to an instruction, if any. `copy` is the local that holds the value on top of the stack as well.
    /// `repetitions` is the local that counts a loop's repetitions.
    fn change(
        &self,
        instruction: &Instruction,
        rises: bool,
        copy: Option<u64>,
        repetitions: Option<u64>,
    ) -> Option<Change> {
        match (instruction.code, self.usegas) {
            _ if self.asyncify.is_some_and(|asyncify| asyncify.reads_state(instruction)) => Some(Change::Zero),
            (code::CALL | code::RETURN_CALL, Some((usegas, narrow))) if instruction.operand == usegas => {
                Some(Change::Call(if narrow { function::PAY_NARROW } else { function::PAY }))
            }
            (code::MEMORY_GROW, _) => Some(Change::Grow),
            (code::LOOP, _) => repetitions.map(Change::CountRepetition),
            (code::GLOBAL_SET, _) if !rises && Some(instruction.operand) == self.stack_pointer => {
                Some(Change::TrackStack(copy))
            }
            _ => None,
        }
    }

    /// Writes a change. Returns how many bytes of `rest`, the instructions behind it, the change includes.
    fn write(&self, change: Change, instruction: &Instruction, bytes: &[u8], rest: &[u8], out: &mut Vec<u8>) -> usize {
        match change {
            // No folding where code is metered: the gas must not change.
            Change::Zero if self.adds_metering => out.extend_from_slice(&[code::I32_CONST, 0]),
            Change::Zero => return Asyncify::fold_constant(rest, out),
            Change::Call(function) => {
                out.push(instruction.code);
                unsigned(self.injected.functions + function, out);
            }
            Change::Grow => self.injected.call(function::GROW, out),
            Change::CountRepetition(local) => {
                out.extend_from_slice(bytes);
                self.injected.count_repetition(local, out);
            }
            Change::TrackStack(copy) => {
                out.extend_from_slice(bytes);
                self.injected.track_stack(instruction.operand, copy, out);
            }
        }
        0
    }
}

/// A change to an instruction.
enum Change {
    /// Replace it by the constant 0.
    Zero,
    /// Replace it by a call of an added function.
    Call(u64),
    /// Replace it by a call that checks the limit.
    Grow,
    /// Keep it, and record the stack pointer behind it. The local holds the pointer as well, where it is given.
    TrackStack(Option<u64>),
    /// Keep it, and count the repetitions of the loop in the local.
    CountRepetition(u64),
}

/// Adds a local of 32 bits to a function, behind all others. Its declarations are the first `length` bytes of `body`.
fn add_local(length: usize, body: &mut Vec<u8>) -> Result<()> {
    const I32: u8 = 0x7f;
    let mut declarations = Reader {
        bytes: body.get(..length).unwrap_or_default(),
    };
    let mut extended = Vec::with_capacity(length + 3);
    unsigned(declarations.number()?.saturating_add(1), &mut extended);
    extended.extend_from_slice(declarations.bytes);
    extended.extend_from_slice(&[1, I32]);
    body.splice(..length, extended);
    Ok(())
}

/// Recognises the first payment of a function and of each loop. What never ends repeats one of them.
struct Head {
    /// Whether nothing was paid since the function or the loop began.
    unpaid: bool,
    /// Whether control may have left a head before its payment, so that each payment may be a first one.
    unknown: bool,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            unpaid: true,
            unknown: false,
        }
    }
}

impl Head {
    /// Follows a payment. Returns whether it may be the first one.
    fn pays(&mut self) -> bool {
        std::mem::take(&mut self.unpaid) || self.unknown
    }

    /// Follows an instruction, after its segment's payment.
    fn follow(&mut self, instruction: u8) {
        match instruction {
            code::LOOP => self.unpaid = true,
            code::IF | code::ELSE | code::END | code::BR..=code::RETURN => self.unknown |= self.unpaid,
            _ => {}
        }
    }
}

/// The bytes before `rest`, which is the end of `all`.
fn between<'a>(all: &'a [u8], rest: &[u8]) -> &'a [u8] {
    all.get(..all.len() - rest.len()).unwrap_or_default()
}

/// Recognises instructions that raise the stack pointer: the sum with a positive constant. A function then frees its
/// part of the stack, so that there is no new lowest value to record.
#[derive(Default)]
struct StackRise {
    /// Whether the last instruction was a negative constant; `None` where it was no constant.
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
    fn head_is_the_first_payment_of_a_function_and_of_a_loop() {
        let mut head = Head::default();
        assert!(head.pays());
        assert!(!head.pays());
        head.follow(code::LOOP);
        head.follow(code::BLOCK);
        assert!(head.pays());
        head.follow(code::BR_IF);
        assert!(!head.pays());
        // Control may go elsewhere before the loop has paid.
        head.follow(code::LOOP);
        head.follow(code::BR_IF);
        assert!(head.pays());
        assert!(head.pays());
    }

    #[test]
    fn stack_rise_recognises_sums_with_positive_constants_only() {
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
        // A sum with a variable, which may be negative.
        assert!(!rises(&[code::LOCAL_GET, 0], code::I64_ADD));
        // No sum follows.
        assert!(!rises(&plus, code::LOCAL_GET));
    }
}
