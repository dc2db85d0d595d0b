//! Reads the options of `connect`, and those of every verb.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::Arguments;
use super::type_of;
use crate::client::{Endpoints, Retry, RetryTransport, Units};
use crate::platform::Unit;
use crate::web::{WebPlatform, get};

/// The addresses of the units, and their alternatives.
pub fn units(options: &mut Arguments) -> (Units, Rc<[Endpoints]>) {
    let mut units = Units::default();
    let mut graphql = options.addresses("GRAPHQL_URL");
    if graphql.is_empty() {
        let gateways = options.addresses("GATEWAY_URL");
        graphql = gateways.iter().map(|gateway| Units::graphql_of(gateway)).collect();
    }
    let messengers = options.addresses("MU_URL");
    let computers = options.addresses("CU_URL");
    let schedulers = options.addresses("SU_URL");
    for (urls, unit) in [
        (&graphql, &mut units.graphql),
        (&messengers, &mut units.messenger),
        (&computers, &mut units.compute),
    ] {
        if let Some(url) = urls.first() {
            unit.clone_from(url);
        }
    }
    units.scheduler = schedulers.first().cloned();
    if let Some(retries) = options.number("GRAPHQL_MAX_RETRIES") {
        units.graphql_retries = retries as u32;
    }
    if let Some(backoff) = options.number("GRAPHQL_RETRY_BACKOFF") {
        units.graphql_backoff = backoff as u32;
    }
    let all = [
        (Unit::Graphql, graphql),
        (Unit::Messenger, messengers),
        (Unit::Compute, computers),
        (Unit::Scheduler, schedulers),
    ];
    (units, all.map(|(unit, urls)| Endpoints::new(unit, &urls)).into())
}

/// The platform of a client: its `fetch`, its listeners and the limit of a response.
pub fn platform(options: &mut Arguments) -> WebPlatform {
    let mut function = |name: &str| {
        let function = options.get(name);
        if !function.is_undefined() && !function.is_function() {
            options.complain(format!("'{name}': Expected function, received {}.", type_of(&function)));
        }
        function.dyn_into().ok()
    };
    let mut platform = WebPlatform {
        fetch: function("fetch"),
        on_request: function("onRequest"),
        on_response: function("onResponse"),
        ..WebPlatform::default()
    };
    let limit = options.get("responseLimit");
    set_number(options, "responseLimit", &limit, &mut platform.response_limit);
    platform
}

/// The platform of one call, with its own retries and its own signal.
pub fn transport(
    input: &mut Arguments,
    platform: WebPlatform,
    usual: &Retry,
    endpoints: &Rc<[Endpoints]>,
) -> RetryTransport<WebPlatform> {
    let retry = retry(input, usual);
    let platform = WebPlatform {
        signal: Some(input.get("signal"))
            .filter(JsValue::is_object)
            .map(JsCast::unchecked_into),
        progress: input.progress.clone(),
        may_be_abandoned: retry.try_timeout.is_some(),
        ..platform
    };
    RetryTransport::with(platform, retry, endpoints.clone())
}

/// Reads `retry`: a number of attempts, or `{ attempts, backoff, longestWait, statuses, tryTimeout }`. Members that are missing
/// keep the value of `usual`.
pub fn retry(input: &mut Arguments, usual: &Retry) -> Retry {
    let mut retry = usual.clone();
    let value = input.get("retry");
    if value.is_undefined() {
        return retry;
    }
    if !value.is_object() {
        set_number(input, "retry", &value, &mut retry.attempts);
        return retry;
    }
    for (name, member, place) in [
        ("retry.attempts", "attempts", &mut retry.attempts),
        ("retry.backoff", "backoff", &mut retry.backoff),
        ("retry.longestWait", "longestWait", &mut retry.longest_wait),
    ] {
        set_number(input, name, &get(&value, member), place);
    }
    let mut limit = retry.try_timeout.unwrap_or(0);
    set_number(input, "retry.tryTimeout", &get(&value, "tryTimeout"), &mut limit);
    retry.try_timeout = Some(limit).filter(|limit| *limit > 0);
    if let Some(statuses) = get(&value, "statuses").dyn_ref::<Array>() {
        retry.statuses = statuses
            .iter()
            .filter_map(|status| Some(status.as_f64()? as u16))
            .collect();
    }
    retry
}

/// Stores a number, if there is one.
fn set_number(input: &mut Arguments, name: &str, value: &JsValue, place: &mut u32) {
    match value.as_f64() {
        _ if value.is_undefined() => {}
        Some(number) if number >= 0.0 => *place = number as u32,
        _ => input.complain(format!("'{name}': Expected number, received {}.", type_of(value))),
    }
}
