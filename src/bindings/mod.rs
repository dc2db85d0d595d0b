//! The functions and classes that the package's JavaScript calls. Nothing here is public API.

#[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
#[cfg_attr(
    not(feature = "client-bindings"),
    allow(dead_code, reason = "the verbs use the rest")
)]
mod arguments;
#[cfg(feature = "bundle-bindings")]
mod bundle;
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
mod item_signer;
#[cfg(feature = "client-bindings")]
mod key;
#[cfg(feature = "local-bindings")]
mod local;
#[cfg(feature = "client-bindings")]
mod mainnet;
#[cfg(feature = "httpsig-bindings")]
mod message_signer;
#[cfg(feature = "client-bindings")]
mod options;
#[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
mod parsed_head;
#[cfg(feature = "rsa-bindings")]
mod rsa;
#[cfg(feature = "signatures-bindings")]
mod signatures;
#[cfg(any(
    feature = "client-bindings",
    feature = "httpsig-bindings",
    feature = "bundle-bindings"
))]
mod signer;
#[cfg(any(feature = "compute-bindings", feature = "verify-bindings"))]
mod stop;
#[cfg(any(feature = "local-bindings", feature = "verify-bindings"))]
mod storage;
#[cfg(feature = "httpsig-bindings")]
mod values;
#[cfg(feature = "client-bindings")]
mod verified_item;
#[cfg(feature = "verify-bindings")]
mod verify;
#[cfg(feature = "verify-bindings")]
mod verify_connection;

#[cfg(feature = "client-bindings")]
pub use signer::FunctionSigner;

use std::panic;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Sets the function that makes errors, `(code, message, details, cause) => Error`, and the listener that panics are reported
/// to.
#[wasm_bindgen]
pub fn setup(make_error: Function, on_panic: Function) {
    error::set_constructor(make_error);
    panic::set_hook(Box::new(move |info| {
        // There is nothing left to do when this fails too.
        let _ = on_panic.call1(&JsValue::UNDEFINED, &info.to_string().into());
    }));
}

/// Makes the host optimise the interpreter in the background.
#[cfg(feature = "wasmi")]
#[wasm_bindgen(js_name = warmUp)]
pub fn warm_up() {
    // Out of memory here is no failure: the later allocation reports it.
    let _ = crate::compute::warm_up();
}

/// Gives the module what it signs with: the function of [`set_companions`], and a function that returns the JWK of a signer
/// that the package made from a key, and `undefined` for other signers.
#[cfg(any(
    feature = "client-bindings",
    feature = "httpsig-bindings",
    feature = "bundle-bindings"
))]
#[wasm_bindgen(js_name = setSigning)]
pub fn set_signing(caller: Function, key_of: Function) {
    #[cfg(not(all(feature = "rsa", feature = "signatures")))]
    crate::web::set_caller(caller);
    #[cfg(all(feature = "rsa", feature = "signatures"))]
    drop(caller);
    signer::set_key_of(key_of);
}

/// Gives the module a function that calls an export of another module, `rsa` or `signatures`: see `web::companion`.
#[cfg(feature = "local-bindings")]
#[wasm_bindgen(js_name = setCompanions)]
pub fn set_companions(caller: Function) {
    #[cfg(not(all(feature = "rsa", feature = "signatures")))]
    crate::web::set_caller(caller);
    #[cfg(all(feature = "rsa", feature = "signatures"))]
    drop(caller);
}

/// The name of a value's type, as zod gives it.
#[cfg(any(
    feature = "client-bindings",
    feature = "httpsig-bindings",
    feature = "bundle-bindings"
))]
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
