//! Converts between the interpreter's types and this crate's.

use wasmi::errors::InstantiationError;
use wasmi::{TrapCode, Val, ValType};

use crate::compute::binary::ValueType;
use crate::compute::engine::WasmValue;
use crate::compute::trap::Trap;

pub(super) fn value(val: &Val) -> Option<WasmValue> {
    Some(match val {
        Val::I32(number) => WasmValue::I32(*number),
        Val::I64(number) => WasmValue::I64(*number),
        Val::F32(number) => WasmValue::F32(number.to_float()),
        Val::F64(number) => WasmValue::F64(number.to_float()),
        _ => return None,
    })
}

pub(super) fn val(value: WasmValue) -> Val {
    match value {
        WasmValue::I32(number) => Val::I32(number),
        WasmValue::I64(number) => Val::I64(number),
        WasmValue::F32(number) => Val::F32(number.into()),
        WasmValue::F64(number) => Val::F64(number.into()),
    }
}

pub(super) fn val_type(value_type: ValueType) -> ValType {
    match value_type {
        ValueType::I32 => ValType::I32,
        ValueType::F32 => ValType::F32,
        ValueType::F64 => ValType::F64,
        ValueType::I64 | ValueType::Other => ValType::I64,
    }
}

pub(super) fn value_type(val_type: ValType) -> ValueType {
    match val_type {
        ValType::I32 => ValueType::I32,
        ValType::I64 => ValueType::I64,
        ValType::F32 => ValueType::F32,
        ValType::F64 => ValueType::F64,
        _ => ValueType::Other,
    }
}

/// Converts the engine's error to a trap.
pub(super) fn trap(error: wasmi::Error) -> Trap {
    use wasmi::errors::ErrorKind as Kind;
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return trap.clone();
    }
    if let Some(code) = error.as_trap_code() {
        return match code {
            TrapCode::OutOfFuel => Trap::NeedsInterruptible,
            TrapCode::GrowthOperationLimited => Trap::OutOfMemory,
            TrapCode::MemoryOutOfBounds => Trap::OutOfBounds,
            code => Trap::Failed(code.to_string()),
        };
    }
    let reason = error.to_string();
    match error.kind() {
        Kind::Memory(_) => Trap::OutOfMemory,
        Kind::Instantiation(InstantiationError::FailedToInstantiateMemory(_)) => Trap::OutOfMemory,
        Kind::Wasm(_) | Kind::Translation(_) | Kind::Read(_) | Kind::Limits(_) => {
            let absent = ["SIMD", "exceptions", "threads", "gc proposal", "stack switching"];
            if absent.iter().any(|feature| reason.contains(feature)) {
                Trap::Unsupported(reason)
            } else {
                Trap::Invalid(reason)
            }
        }
        Kind::Instantiation(_) | Kind::Linker(_) | Kind::Table(_) => Trap::Invalid(reason),
        _ => Trap::Failed(reason),
    }
}
