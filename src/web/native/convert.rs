//! Between JavaScript's numbers and ours.

use js_sys::BigInt;
use wasm_bindgen::JsValue;

use crate::compute::{Value, ValueType};

/// A number as JavaScript hands it to a function of a module.
pub(super) fn to_js(value: Value) -> JsValue {
    match value {
        Value::I32(number) => number.into(),
        Value::I64(number) => BigInt::from(number).into(),
        Value::F32(number) => number.into(),
        Value::F64(number) => number.into(),
    }
}

/// A number from a module. JavaScript does not tell floats from small integers: without a type, all are floats.
pub(super) fn from_js(value: &JsValue, value_type: Option<ValueType>) -> Option<Value> {
    if let Some(number) = value.as_f64() {
        return Some(match value_type {
            Some(ValueType::I32) => Value::I32(number as i32),
            Some(ValueType::F32) => Value::F32(number as f32),
            _ => Value::F64(number),
        });
    }
    i64::try_from(value.clone()).ok().map(Value::I64)
}
