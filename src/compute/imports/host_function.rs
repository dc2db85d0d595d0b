//! What every host function has: its type, its arguments and return value, and access to the module's memory.

use crate::compute::binary::ValueType;
use crate::compute::engine::{Guest, WasmValue};
use crate::compute::trap::Trap;

/// The return value of a host function, before it is converted to the type that the module declared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::compute) enum HostValue {
    Nothing,
    Integer(i64),
    Float(f64),
}

pub(in crate::compute) type HostResult = std::result::Result<HostValue, Trap>;

/// A host function.
pub(in crate::compute) type HostFunction = fn(&mut dyn Guest, HostArguments<'_>) -> HostResult;

impl HostValue {
    /// Converts to the type that the module expects; `None` where it expects no value.
    pub(in crate::compute) fn value(self, expected: Option<ValueType>) -> Option<WasmValue> {
        let value_type = expected?;
        Some(match self {
            Self::Nothing => WasmValue::integer(0, value_type),
            Self::Integer(number) => WasmValue::integer(number, value_type),
            Self::Float(number) => WasmValue::float(number, value_type),
        })
    }
}

/// The arguments of a call of a host function.
#[derive(Clone, Copy)]
pub(in crate::compute) struct HostArguments<'a>(pub &'a [WasmValue]);

impl HostArguments<'_> {
    pub fn number(self, index: usize) -> std::result::Result<i64, Trap> {
        self.get(index).map(WasmValue::signed)
    }

    /// An argument that is an address, a length or an index of a table.
    pub fn pointer(self, index: usize) -> std::result::Result<u64, Trap> {
        self.get(index).map(WasmValue::unsigned)
    }

    fn get(self, index: usize) -> std::result::Result<WasmValue, Trap> {
        let value = self.0.get(index).copied();
        value.ok_or_else(|| Trap::failed("it calls a host function with too few arguments"))
    }
}

/// Writes a number of the width of the module's pointers.
pub(in crate::compute) fn write_word(guest: &mut dyn Guest, at: u64, number: u64) -> std::result::Result<(), Trap> {
    if guest.state().layout.memory64 {
        write(guest, at, &number.to_le_bytes())
    } else {
        write(guest, at, &(number as u32).to_le_bytes())
    }
}

pub(in crate::compute) fn write(guest: &mut dyn Guest, at: u64, bytes: &[u8]) -> std::result::Result<(), Trap> {
    guest.write(at, bytes).ok_or(Trap::OutOfBounds)
}

/// Reads a C string. A string without an end is `OutOfBounds`.
pub(in crate::compute) fn read_string(guest: &dyn Guest, at: u64) -> std::result::Result<Vec<u8>, Trap> {
    const STEP: u64 = 4096;
    let mut string = Vec::new();
    let mut at = at;
    while at < guest.size() {
        let length = STEP.min(guest.size() - at);
        let bytes = guest.view(at, length).ok_or(Trap::OutOfBounds)?;
        if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
            string.extend_from_slice(&bytes[..end]);
            return Ok(string);
        }
        string.extend_from_slice(&bytes);
        at += length;
    }
    Err(Trap::OutOfBounds)
}
