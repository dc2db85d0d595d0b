//! The gas that instructions cost, for modules whose format has the host meter them.
//!
//! The costs are those of the npm package `@permaweb/wasm-metering`, with which the network's loader meters.
//! Instructions that are not in its table are free. Code is paid for in segments, each before it runs. A segment ends
//! where control may go elsewhere.

use super::instruction::code;

/// The cost of a payment itself: a constant and a call.
const PAYMENT: u64 = 1 + 90;

/// The cost of an instruction.
fn cost(code: u8) -> u64 {
    match code {
        // unreachable, nop, block, loop, if
        0x00..=0x04 => 1,
        // else, br, br_if
        0x05 | 0x0c | 0x0d => 90,
        // br_table
        0x0e => 120,
        // return, call
        0x0f | 0x10 => 90,
        // call_indirect
        0x11 => 10_000,
        // drop, select, locals and globals, loads and stores
        0x1a | 0x1b | 0x20..=0x24 | 0x28..=0x3e => 120,
        // memory.size, memory.grow
        0x3f => 100,
        0x40 => 10_000,
        // constants
        0x41..=0x44 => 1,
        // comparisons of integers; of floats only eq and ne
        0x45..=0x5c | 0x61 | 0x62 => 45,
        // clz, ctz, popcnt, add, sub, mul
        0x67..=0x6c | 0x79..=0x7e => 45,
        // div and rem of integers
        0x6d..=0x70 | 0x7f..=0x82 => 36_000,
        // and, or, xor
        0x71..=0x73 | 0x83..=0x85 => 45,
        // shifts
        0x74..=0x76 | 0x86..=0x88 => 67,
        // rotations
        0x77 | 0x78 | 0x89 | 0x8a => 90,
        // add, sub, mul of floats
        0x92..=0x94 | 0xa0..=0xa2 => 45,
        _ => 0,
    }
}

/// Whether a segment ends with this instruction.
fn ends(instruction: u8) -> bool {
    matches!(
        instruction,
        code::MEMORY_GROW
            | code::END
            | code::BR
            | code::BR_TABLE
            | code::BR_IF
            | code::IF
            | code::ELSE
            | code::RETURN
            | code::LOOP
    )
}

/// Adds up the costs of a segment.
#[derive(Default)]
pub(super) struct Meter(u64);

impl Meter {
    /// Adds an instruction. Returns the price of the segment that ends with it, if one does; 0 for a free segment.
    pub fn add(&mut self, instruction: u8) -> Option<u64> {
        self.0 += cost(instruction);
        if !ends(instruction) {
            return None;
        }
        let price = std::mem::take(&mut self.0);
        Some(if price == 0 { 0 } else { price + PAYMENT })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_returns_the_price_at_the_end_of_a_segment() {
        let mut meter = Meter::default();
        assert_eq!(meter.add(code::LOCAL_GET), None);
        assert_eq!(meter.add(code::I32_CONST), None);
        assert_eq!(meter.add(code::BR_IF), Some(120 + 1 + 90 + 91));
        assert_eq!(meter.add(code::END), Some(0));
        assert_eq!(meter.add(code::LOOP), Some(1 + 91));
    }
}
