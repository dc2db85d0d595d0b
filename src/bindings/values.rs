//! Converts messages from and to JavaScript: strings, bytes, numbers, booleans, arrays and plain objects.

use js_sys::{Array, BigInt, JsString, Object, Symbol, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::type_of;
use crate::error::{Error, ErrorKind, Result};
use crate::httpsig::{MAX_DEPTH, Message, Value};
use crate::web::JsData;

/// # Errors
/// `BadArgument` for values that a message cannot hold.
pub fn message_from_js(object: &JsValue, name: &str, depth: usize) -> Result<Message> {
    if !is_plain(object) {
        return Err(unfit(
            name,
            &format!("Expected a plain object, received {}", type_of(object)),
        ));
    }
    let mut message = Message::new();
    for entry in Object::entries(object.unchecked_ref()).iter() {
        let entry: Array = entry.unchecked_into();
        let (key, value) = (text(&entry.get(0), name)?, entry.get(1));
        // As in JSON, members without a value are not sent.
        if value.is_undefined() || value.is_null() {
            continue;
        }
        if message.set(&key, value_from_js(&value, &key, depth)?).is_some() {
            return Err(unfit(
                &key,
                "Given twice: names differ in more than upper and lower case",
            ));
        }
    }
    Ok(message)
}

fn value_from_js(value: &JsValue, name: &str, depth: usize) -> Result<Value> {
    if value.is_string() {
        return Ok(Value::text(text(value, name)?));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Value::flag(flag));
    }
    if let Some(number) = value.as_f64() {
        // A larger number has no fraction only because it is inexact.
        let is_whole = number.fract() == 0.0 && number.abs() < 1e21;
        return Ok(if is_whole {
            Value::Integer(number as i128)
        } else {
            Value::Float(number)
        });
    }
    if value.is_bigint() {
        let digits = BigInt::unchecked_from_js_ref(value)
            .to_string(10)
            .ok()
            .map(String::from);
        let integer = digits.and_then(|digits| digits.parse().ok());
        return integer
            .map(Value::Integer)
            .ok_or_else(|| unfit(name, "Expected an integer of at most 127 bits"));
    }
    if value.is_symbol() {
        // The text is `Symbol(description)`. A primitive symbol has no other property that can be read here.
        let shown = String::from(value.unchecked_ref::<Symbol>().to_string());
        let description = shown.strip_prefix("Symbol(").and_then(|rest| rest.strip_suffix(')'));
        return Ok(Value::Atom(description.unwrap_or_default().into()));
    }
    let Some(deeper) = depth.checked_sub(1) else {
        return Err(unfit(
            name,
            &format!("Nested more than {MAX_DEPTH} deep, or within itself"),
        ));
    };
    if Array::is_array(value) {
        let values = value.unchecked_ref::<Array>().iter();
        return Ok(Value::List(
            values
                .map(|value| value_from_js(&value, name, deeper))
                .collect::<Result<_>>()?,
        ));
    }
    if is_plain(value) {
        return Ok(Value::Map(message_from_js(value, name, deeper)?));
    }
    match JsData::from_js(value.clone()) {
        Ok(JsData::Bytes(bytes)) => bytes.to_vec().map(Value::Bytes),
        _ => Err(unfit(
            name,
            &format!(
                "Expected string, bytes, number, boolean, array or plain object, received {}",
                type_of(value)
            ),
        )),
    }
}

/// Whether an object is a plain one, of this realm or another.
fn is_plain(value: &JsValue) -> bool {
    if !value.is_object() {
        return false;
    }
    let prototype: JsValue = Object::get_prototype_of(value).into();
    prototype.is_null() || Object::get_prototype_of(&prototype).loose_eq(&JsValue::NULL)
}

fn text(value: &JsValue, name: &str) -> Result<String> {
    match value.dyn_ref::<JsString>() {
        Some(text) if text.is_valid_utf16() => Ok(text.into()),
        _ => Err(unfit(
            name,
            "Text with half a surrogate pair, which no encoding can hold",
        )),
    }
}

fn unfit(name: &str, what: &str) -> Error {
    Error::new(ErrorKind::BadArgument, format!("'{name}': {what}."))
}

/// Bytes that are UTF-8 become text. The atoms `true`, `false` and `null` become those values. Integers that a number cannot
/// hold become a BigInt.
pub fn message_to_js(message: &Message) -> JsValue {
    let entries: Array = message
        .iter()
        .map(|(name, value)| Array::of2(&name.into(), &value_to_js(value)))
        .collect();
    // Unlike an assignment, this takes `__proto__` for a name as any other.
    Object::from_entries(&entries).map_or(JsValue::UNDEFINED, Into::into)
}

fn value_to_js(value: &Value) -> JsValue {
    match value {
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => Uint8Array::from(&bytes[..]).into(),
        },
        Value::Integer(number) if number.unsigned_abs() < 1 << 53 => (*number as f64).into(),
        Value::Integer(number) => BigInt::from(*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Atom(atom) => match atom.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            "null" | "undefined" => JsValue::NULL,
            atom => atom.into(),
        },
        Value::List(values) => values.iter().map(value_to_js).collect::<Array>().into(),
        Value::Map(message) => message_to_js(message),
    }
}
