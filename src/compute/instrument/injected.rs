//! The counters that are added to a module, and the functions that update them.

use super::global;
use super::instruction::code;
use super::write::{signed, unsigned};

const VOID: u8 = 0x40;
const I32_LT_U: u8 = 0x49;
const I64_LT_S: u8 = 0x53;
const I64_LT_U: u8 = 0x54;
const I32_GT_U: u8 = 0x4b;
const I64_GT_U: u8 = 0x56;
const I64_GT_S: u8 = 0x55;
const I32_AND: u8 = 0x71;
const I64_EXTEND_I32_S: u8 = 0xac;

/// The indexes at which the added types, functions and globals begin.
pub(super) struct Injected {
    /// Whether addresses have 64 bits.
    pub memory64: bool,
    pub types: u64,
    pub functions: u64,
    pub globals: u64,
    /// Whether the module's stack pointer is known, so that its lowest value is recorded.
    pub has_stack_pointer: bool,
    /// Where the code checks the stop signal, and the imported function `fd_close`, which does it.
    pub check: Option<(Checks, u64)>,
}

/// Where the code of a module checks the stop signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compute) enum Checks {
    None,
    /// In the function that pays for gas: it runs often, and costs an interpreter no more with the check.
    WhenPaying,
    /// Behind the first payment of each function and each loop. Compilers make the function that pays smaller and faster
    /// when it calls nothing itself.
    AfterPaying,
    /// In loops.
    InLoops,
}

/// The gas between two checks. It lasts about 10 ms on the host's WebAssembly, and 100 ms on the interpreter.
const GAS_PER_CHECK: i64 = 1 << 30;

/// How often a loop is repeated before it counts as a tick. Each function has a counter of its own, in a local.
const REPETITIONS: i64 = 64;
/// The ticks between two checks, less one: a mask.
const TICKS: i64 = 63;

/// The added functions, counted from the first.
pub(super) mod function {
    /// `(i64)`: adds to the gas used, and ends the run at the limit.
    pub const PAY: u64 = 0;
    /// `(i32)`: the same, for modules that pass prices of 32 bits.
    pub const PAY_NARROW: u64 = 1;
    /// `(pages) → pages`: `memory.grow`, which ends the run at the limit.
    pub const GROW: u64 = 2;
    /// `()`: checks the stop signal when it has been called often enough. Only where loops check it.
    pub const TICK: u64 = 3;
    /// `()`: checks the stop signal, and plans the next check. Only where it is checked after paying.
    pub const CHECK: u64 = 3;
}

/// The added globals, counted from the first.
mod counter {
    pub const STACK_LOW: u64 = 0;
    pub const GAS: u64 = 1;
    pub const LIMIT: u64 = 2;
    pub const MAX_PAGES: u64 = 3;
    pub const FAULT: u64 = 4;
    pub const NEXT_CHECK: u64 = 5;
    pub const TICKS: u64 = 6;
}

impl Injected {
    fn pointer(&self) -> u8 {
        if self.memory64 { 0x7e } else { 0x7f }
    }

    pub fn types(&self) -> Vec<Vec<u8>> {
        let pointer = self.pointer();
        vec![
            vec![0x60, 1, 0x7e, 0],
            vec![0x60, 1, 0x7f, 0],
            vec![0x60, 1, pointer, 1, pointer],
            vec![0x60, 0, 0],
        ]
    }

    pub fn functions(&self) -> Vec<Vec<u8>> {
        let count = self.code().len() as u64;
        (0..count).map(|index| number(self.types + index)).collect()
    }

    pub fn globals(&self) -> Vec<Vec<u8>> {
        let pointer = |value| {
            vec![
                self.pointer(),
                1,
                if self.memory64 { 0x42 } else { 0x41 },
                value,
                code::END,
            ]
        };
        let long = |value| {
            let mut global = vec![0x7e, 1, code::I64_CONST];
            signed(value, &mut global);
            global.push(code::END);
            global
        };
        let fault = vec![0x7f, 1, code::I32_CONST, 0, code::END];
        // The bytes 0x7f are the number -1, which is the highest unsigned one: no stack pointer is recorded, and no
        // growth is forbidden.
        let ticks = fault.clone();
        vec![
            pointer(0x7f),
            long(0),
            long(i64::MAX),
            pointer(0x7f),
            fault,
            long(0),
            ticks,
        ]
    }

    pub fn exports(&self) -> Vec<Vec<u8>> {
        const EXPORTED_GLOBAL: u8 = 3;
        let names = [
            (global::STACK_LOW, counter::STACK_LOW),
            (global::GAS, counter::GAS),
            (global::LIMIT, counter::LIMIT),
            (global::MAX_PAGES, counter::MAX_PAGES),
            (global::FAULT, counter::FAULT),
            (global::NEXT_CHECK, counter::NEXT_CHECK),
        ];
        let export = |(name, index): (&str, u64)| {
            let mut export = number(name.len() as u64);
            export.extend_from_slice(name.as_bytes());
            export.push(EXPORTED_GLOBAL);
            unsigned(self.globals + index, &mut export);
            export
        };
        // Without a known stack pointer, its lowest value is not exported.
        let absent = usize::from(!self.has_stack_pointer);
        names.into_iter().skip(absent).map(export).collect()
    }

    fn global(&self, instruction: u8, index: u64, code: &mut Vec<u8>) {
        code.push(instruction);
        unsigned(self.globals + index, code);
    }

    /// Writes a call of one of the added functions.
    pub fn call(&self, index: u64, code: &mut Vec<u8>) {
        code.push(code::CALL);
        unsigned(self.functions + index, code);
    }

    /// Writes code that ends the run if the comparison on the stack is true. The host reads the reason from `FAULT`.
    fn fault_if(&self, fault: i64, code: &mut Vec<u8>) {
        code.extend_from_slice(&[code::IF, VOID, code::I32_CONST]);
        signed(fault, code);
        self.global(code::GLOBAL_SET, counter::FAULT, code);
        code.extend_from_slice(&[code::UNREACHABLE, code::END]);
    }

    pub fn code(&self) -> Vec<Vec<u8>> {
        let get = |code: &mut Vec<u8>, index| self.global(code::GLOBAL_GET, index, code);
        let out_of_gas = |code: &mut Vec<u8>| {
            get(code, counter::GAS);
            get(code, counter::LIMIT);
            code.push(I64_GT_S);
            self.fault_if(global::NO_GAS, code);
        };

        let mut pay = vec![0];
        get(&mut pay, counter::GAS);
        pay.extend_from_slice(&[code::LOCAL_GET, 0, code::I64_ADD]);
        self.global(code::GLOBAL_SET, counter::GAS, &mut pay);
        match self.check {
            Some((Checks::WhenPaying, check)) => {
                get(&mut pay, counter::GAS);
                get(&mut pay, counter::NEXT_CHECK);
                pay.extend_from_slice(&[I64_GT_S, code::IF, VOID]);
                out_of_gas(&mut pay);
                self.plan_check(&mut pay);
                call_check(check, &mut pay);
                pay.push(code::END);
            }
            _ => out_of_gas(&mut pay),
        }
        pay.push(code::END);

        let mut narrow = vec![0, code::LOCAL_GET, 0, I64_EXTEND_I32_S];
        self.call(function::PAY, &mut narrow);
        narrow.push(code::END);

        let (minus, above) = if self.memory64 {
            (code::I64_SUB, I64_GT_U)
        } else {
            (code::I32_SUB, I32_GT_U)
        };
        let mut grow = vec![0, code::LOCAL_GET, 0];
        get(&mut grow, counter::MAX_PAGES);
        grow.extend_from_slice(&[code::MEMORY_SIZE, 0, minus, above]);
        self.fault_if(global::NO_MEMORY, &mut grow);
        grow.extend_from_slice(&[code::LOCAL_GET, 0, code::MEMORY_GROW, 0, code::END]);
        let mut functions = vec![pay, narrow, grow];
        if let Some((Checks::InLoops, check)) = self.check {
            let mut tick = vec![0];
            get(&mut tick, counter::TICKS);
            tick.extend_from_slice(&[code::I32_CONST, 1, code::I32_ADD]);
            self.global(code::GLOBAL_SET, counter::TICKS, &mut tick);
            get(&mut tick, counter::TICKS);
            tick.push(code::I32_CONST);
            signed(TICKS, &mut tick);
            tick.extend_from_slice(&[I32_AND, code::I32_EQZ, code::IF, VOID]);
            call_check(check, &mut tick);
            tick.extend_from_slice(&[code::END, code::END]);
            functions.push(tick);
        }
        if let Some((Checks::AfterPaying, ask)) = self.check {
            let mut check = vec![0];
            get(&mut check, counter::GAS);
            check.push(code::I64_CONST);
            signed(GAS_PER_CHECK, &mut check);
            check.push(code::I64_ADD);
            self.global(code::GLOBAL_SET, counter::NEXT_CHECK, &mut check);
            call_check(ask, &mut check);
            check.push(code::END);
            functions.push(check);
        }
        functions
    }

    /// Writes code that sets the gas of the next check, which is the limit at most: `PAY` compares with one value only.
    fn plan_check(&self, code: &mut Vec<u8>) {
        self.global(code::GLOBAL_GET, counter::GAS, code);
        code.push(code::I64_CONST);
        signed(GAS_PER_CHECK, code);
        code.push(code::I64_ADD);
        // The parameter has been used.
        code.extend_from_slice(&[code::LOCAL_TEE, 0]);
        self.global(code::GLOBAL_GET, counter::LIMIT, code);
        code.extend_from_slice(&[code::LOCAL_GET, 0]);
        self.global(code::GLOBAL_GET, counter::LIMIT, code);
        code.extend_from_slice(&[I64_LT_S, code::SELECT]);
        self.global(code::GLOBAL_SET, counter::NEXT_CHECK, code);
    }

    /// Writes code that follows a payment, and checks the stop signal when enough gas was used since the last check.
    pub fn check_after_paying(&self, code: &mut Vec<u8>) {
        self.global(code::GLOBAL_GET, counter::GAS, code);
        self.global(code::GLOBAL_GET, counter::NEXT_CHECK, code);
        code.extend_from_slice(&[I64_GT_S, code::IF, VOID]);
        self.call(function::CHECK, code);
        code.push(code::END);
    }

    /// Writes code for the start of a loop. `local` is the function's counter of repetitions.
    pub fn count_repetition(&self, local: u64, code: &mut Vec<u8>) {
        let access = |instruction, code: &mut Vec<u8>| {
            code.push(instruction);
            unsigned(local, code);
        };
        access(code::LOCAL_GET, code);
        code.extend_from_slice(&[code::I32_CONST, 1, code::I32_ADD]);
        access(code::LOCAL_TEE, code);
        code.push(code::I32_CONST);
        signed(REPETITIONS, code);
        code.extend_from_slice(&[code::I32_GE_U, code::IF, VOID, code::I32_CONST, 0]);
        access(code::LOCAL_SET, code);
        self.call(function::TICK, code);
        code.push(code::END);
    }

    /// Writes code that records the lowest value of the stack pointer. The value is in the global and, where `local` is
    /// given, in that local as well, which engines read faster.
    pub fn track_stack(&self, stack_pointer: u64, local: Option<u64>, code: &mut Vec<u8>) {
        let below = if self.memory64 { I64_LT_U } else { I32_LT_U };
        let (get, index) = match local {
            Some(local) => (code::LOCAL_GET, local),
            None => (code::GLOBAL_GET, stack_pointer),
        };
        let read = |code: &mut Vec<u8>| {
            code.push(get);
            unsigned(index, code);
        };
        read(code);
        self.global(code::GLOBAL_GET, counter::STACK_LOW, code);
        code.extend_from_slice(&[below, code::IF, VOID]);
        read(code);
        self.global(code::GLOBAL_SET, counter::STACK_LOW, code);
        code.push(code::END);
    }
}

/// Writes a call of `fd_close`, with which the host checks the stop signal. No file has the number -1.
fn call_check(check: u64, code: &mut Vec<u8>) {
    code.extend_from_slice(&[code::I32_CONST, 0x7f, code::CALL]);
    unsigned(check, code);
    code.push(code::DROP);
}

fn number(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    unsigned(value, &mut bytes);
    bytes
}

#[cfg(all(test, feature = "wasmi", not(target_family = "wasm")))]
mod tests;
