//! The signal that ends evaluations from outside.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::compute::Stop;

thread_local! {
    /// Returns whether evaluations are to end.
    static IS_STOPPED: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Sets a function that returns whether evaluations are to end. Modules that are compiled later call it every few milliseconds
/// while they run. Some engines also end a worker that was terminated only when it calls JavaScript.
#[wasm_bindgen(js_name = setStop)]
pub fn set_stop(is_stopped: Function) {
    IS_STOPPED.set(Some(is_stopped));
}

fn is_stopped() -> bool {
    let function = IS_STOPPED.with_borrow(Clone::clone);
    // An engine may throw where it ends the worker.
    function.is_some_and(|function| function.call0(&JsValue::UNDEFINED) != Ok(JsValue::FALSE))
}

/// The signal, where [`set_stop`] has set one.
pub(super) fn stop() -> Option<Stop> {
    IS_STOPPED
        .with_borrow(Option::is_some)
        .then(|| Stop::asking(is_stopped))
}
