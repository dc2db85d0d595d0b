//! Converts between JavaScript's numbers and a module's values.

use js_sys::BigInt;
use wasm_bindgen::JsValue;

use crate::compute::{ValueType, WasmValue};

/// Converts a value to what JavaScript passes to a module's function.
pub(super) fn to_js(value: WasmValue) -> JsValue {
    match value {
        WasmValue::I32(number) => number.into(),
        WasmValue::I64(number) => BigInt::from(number).into(),
        WasmValue::F32(number) => number.into(),
        WasmValue::F64(number) => number.into(),
    }
}

/// Converts a number from a module. JavaScript has one type for floats and integers of 32 bits: without a `value_type`,
/// a number is taken as a float.
pub(super) fn from_js(value: &JsValue, value_type: Option<ValueType>) -> Option<WasmValue> {
    if let Some(number) = value.as_f64() {
        return Some(match value_type {
            Some(ValueType::I32) => WasmValue::I32(number as i32),
            Some(ValueType::F32) => WasmValue::F32(number as f32),
            _ => WasmValue::F64(number),
        });
    }
    i64::try_from(value.clone()).ok().map(WasmValue::I64)
}
