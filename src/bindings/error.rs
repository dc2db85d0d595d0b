//! Converts errors to JavaScript.

use std::cell::RefCell;
use std::error::Error as _;

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Detail, Error};
use crate::web::{Thrown, set};

thread_local! {
    static CONSTRUCTOR: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Sets the function that makes errors: `(code, message, details, cause) => Error`.
pub(super) fn set_constructor(make: Function) {
    CONSTRUCTOR.with(|slot| slot.replace(Some(make)));
}

/// The error as an instance of the package's class, or as a plain `Error` before `setup` was called.
pub fn to_js(error: &Error) -> JsValue {
    let details = Object::new();
    for (name, detail) in error.details() {
        match detail {
            Detail::Number(number) => set(&details, name, *number),
            Detail::Text(text) => set(&details, name, text.as_str()),
        }
    }
    let code = JsValue::from_str(error.kind().code());
    let message = JsValue::from_str(error.message());
    let cause = cause_of(error);
    let made = CONSTRUCTOR.with_borrow(|make| {
        let make = make.as_ref()?;
        let arguments = [&code, &message, details.as_ref(), &cause];
        Reflect::apply(make, &JsValue::UNDEFINED, &arguments.into_iter().collect()).ok()
    });
    made.unwrap_or_else(|| {
        let plain: JsValue = js_sys::Error::new(error.message()).into();
        set(&plain, "code", code);
        set(&plain, "details", details.unchecked_into::<JsValue>());
        set(&plain, "cause", cause);
        plain
    })
}

/// The thrown value itself, or an error with the text of another cause.
fn cause_of(error: &Error) -> JsValue {
    match error.source() {
        None => JsValue::UNDEFINED,
        Some(source) => match source.downcast_ref::<Thrown>() {
            Some(Thrown(thrown)) => thrown.clone(),
            None => js_sys::Error::new(&source.to_string()).into(),
        },
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        to_js(&error)
    }
}
