//! Options of `connect`, and those that every verb takes.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::Arguments;
use super::type_of;
use crate::client::{Retry, Units};
use crate::web::get;

/// Where the units are: `connect`'s addresses.
pub fn units(options: &mut Arguments) -> Units {
    let mut units = Units::default();
    if let Some(gateway) = options.optional_text("GATEWAY_URL") {
        units.graphql = Units::graphql_of(&gateway);
    }
    for (name, unit) in [
        ("GRAPHQL_URL", &mut units.graphql),
        ("MU_URL", &mut units.messenger),
        ("CU_URL", &mut units.compute),
    ] {
        if let Some(url) = options.optional_text(name) {
            *unit = url;
        }
    }
    units.scheduler = options.optional_text("SU_URL");
    if let Some(retries) = options.number("GRAPHQL_MAX_RETRIES") {
        units.graphql_retries = retries as u32;
    }
    if let Some(backoff) = options.number("GRAPHQL_RETRY_BACKOFF") {
        units.graphql_backoff = backoff as u32;
    }
    for name in ["fetch", "onRequest", "onResponse"] {
        let function = options.get(name);
        if !function.is_undefined() && !function.is_function() {
            options.complain(format!("'{name}': Expected function, received {}.", type_of(&function)));
        }
    }
    units
}

/// `retry`: a number of attempts, or `{ attempts, backoff, longestWait, statuses }`; what is left out stays as it is.
pub fn retry(input: &mut Arguments, usual: &Retry) -> Retry {
    let mut retry = usual.clone();
    let value = input.get("retry");
    if value.is_undefined() {
        return retry;
    }
    let mut set = |name: &str, value: JsValue, place: fn(&mut Retry) -> &mut u32| match value.as_f64() {
        _ if value.is_undefined() => {}
        Some(number) if number >= 0.0 => *place(&mut retry) = number as u32,
        _ => input.complain(format!("'{name}': Expected number, received {}.", type_of(&value))),
    };
    if !value.is_object() {
        set("retry", value, |retry| &mut retry.attempts);
        return retry;
    }
    set("retry.attempts", get(&value, "attempts"), |retry| &mut retry.attempts);
    set("retry.backoff", get(&value, "backoff"), |retry| &mut retry.backoff);
    set("retry.longestWait", get(&value, "longestWait"), |retry| {
        &mut retry.longest_wait
    });
    if let Some(statuses) = get(&value, "statuses").dyn_ref::<Array>() {
        retry.statuses = statuses
            .iter()
            .filter_map(|status| Some(status.as_f64()? as u16))
            .collect();
    }
    retry
}
