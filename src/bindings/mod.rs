//! What JavaScript sees. The package's own JavaScript wraps it; nothing here is public API.

#[cfg(feature = "client-bindings")]
mod arguments;
#[cfg(feature = "client-bindings")]
mod client;
#[cfg(feature = "compute-bindings")]
mod compute;
mod error;
#[cfg(feature = "httpsig-bindings")]
mod httpsig;
#[cfg(feature = "client-bindings")]
mod item;
#[cfg(feature = "client-bindings")]
mod key;
#[cfg(feature = "local-bindings")]
mod local;
#[cfg(feature = "client-bindings")]
mod mainnet;
#[cfg(feature = "client-bindings")]
mod options;
#[cfg(feature = "rsa-bindings")]
mod rsa;
#[cfg(feature = "client-bindings")]
mod signer;
#[cfg(any(feature = "client-bindings", feature = "httpsig-bindings"))]
mod signing;
#[cfg(feature = "httpsig-bindings")]
mod values;

#[cfg(feature = "client-bindings")]
pub use signer::FunctionSigner;

use std::cell::RefCell;
use std::panic;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static MAKE_ERROR: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Tells the module how to make an error, `(code, message, details, cause) => Error`, and whom to tell of a panic.
#[wasm_bindgen]
pub fn setup(make_error: Function, on_panic: Function) {
    MAKE_ERROR.with(|slot| slot.replace(Some(make_error)));
    panic::set_hook(Box::new(move |info| {
        // Nothing is left to be done when this fails too.
        let _ = on_panic.call1(&JsValue::UNDEFINED, &info.to_string().into());
    }));
}

/// Makes the host optimise the interpreter, while other things go on.
#[cfg(feature = "wasmi")]
#[wasm_bindgen(js_name = warmUp)]
pub fn warm_up() {
    // Whoever then needs the memory that there was none of will say so.
    let _ = crate::compute::warm_up();
}

/// Tells the module where the code for RSA is: a function that returns a promise of the second module's exports.
#[cfg(all(any(feature = "client-bindings", feature = "httpsig-bindings"), not(feature = "rsa")))]
#[wasm_bindgen(js_name = setRsaLoader)]
pub fn set_rsa_loader(loader: Function) {
    crate::web::set_loader(loader);
}

/// The name of a value's type, as zod gives it.
#[cfg(any(feature = "client-bindings", feature = "httpsig-bindings"))]
fn type_of(value: &JsValue) -> String {
    if let Some(bytes) = crate::web::unreadable(value) {
        bytes.into()
    } else if value.is_null() {
        "null".into()
    } else if js_sys::Array::is_array(value) {
        "array".into()
    } else if value.as_f64().is_some_and(f64::is_nan) {
        "nan".into()
    } else {
        value.js_typeof().as_string().unwrap_or_default()
    }
}
