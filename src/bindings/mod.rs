//! What JavaScript sees. The package's own JavaScript wraps it; nothing here is public API.

#[cfg(feature = "client-bindings")]
mod arguments;
#[cfg(feature = "client-bindings")]
mod client;
#[cfg(feature = "compute-bindings")]
mod compute;
mod error;
#[cfg(feature = "client-bindings")]
mod item;
#[cfg(feature = "client-bindings")]
mod key;
#[cfg(feature = "local-bindings")]
mod local;
#[cfg(feature = "client-bindings")]
mod options;
#[cfg(feature = "rsa-bindings")]
mod rsa;
#[cfg(feature = "client-bindings")]
mod signer;

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

/// Tells the module where the code for RSA is: a function that returns a promise of the second module's exports.
#[cfg(all(feature = "client-bindings", not(feature = "rsa")))]
#[wasm_bindgen(js_name = setRsaLoader)]
pub fn set_rsa_loader(loader: Function) {
    crate::web::set_loader(loader);
}
