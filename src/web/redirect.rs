//! Redirects of requests that have a body. `fetch` follows a 301, 302 or 303 with a `GET` without the body, and does not
//! tell. In Node.js, Deno and Bun it can be asked to show redirects, and they are followed here. (Node.js 20 cannot send
//! bytes again to where a 307 or 308 leads.) Browsers show nothing of them.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::JsValue;

use super::{get, method};

/// Most redirects that are followed, as in `fetch`.
pub const MOST: usize = 20;

/// Whether `redirect: 'manual'` shows where a redirect leads.
pub fn can_be_seen() -> bool {
    let process = get(&js_sys::global(), "process");
    get(&get(&process, "versions"), "node").is_string()
}

/// Where a response redirects to, if it does.
pub fn target(response: &JsValue, base: &str) -> Option<String> {
    if !matches!(status(response), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let headers = get(response, "headers");
    let location = method(&headers, "get")?.call1(&headers, &"location".into()).ok()?;
    let class: Function = method(&js_sys::global(), "URL")?;
    let url = Reflect::construct(&class, &Array::of2(&location, &base.into())).ok()?;
    let url = get(&url, "href").as_string()?;
    // As `fetch` has it: an answer must not come out of a `data:` URL.
    (!location.is_null() && url.starts_with("http")).then_some(url)
}

/// Whether a redirect asks for the same method and body.
pub fn keeps_body(response: &JsValue) -> bool {
    matches!(status(response), 307 | 308)
}

fn status(response: &JsValue) -> u16 {
    get(response, "status").as_f64().unwrap_or_default() as u16
}
