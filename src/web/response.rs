//! Bodies of answers: read up to a limit, or left to the caller.

use std::cell::RefCell;

use js_sys::{JSON, JsString, Promise};
use wasm_bindgen::{JsCast, JsValue};

use super::{JsBytes, get, method};

type Read<T> = std::result::Result<T, JsValue>;

/// An answer whose body is unread. Unless it is taken, its body is cancelled, so that it keeps no connection.
#[derive(Default)]
pub struct Unread(RefCell<JsValue>);

impl Unread {
    pub fn put(&self, response: JsValue) {
        self.discard();
        self.0.replace(response);
    }

    pub fn is_there(&self) -> bool {
        !self.0.borrow().is_undefined()
    }

    /// The answer; `undefined`, if there is none.
    pub fn take(&self) -> JsValue {
        self.0.take()
    }

    pub fn discard(&self) {
        cancel(&get(&self.take(), "body"));
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.discard();
    }
}

/// Reads a body as text: `limit` bytes of it at most. Says whether that is all.
pub async fn read_text(response: &JsValue, headers: &[(String, String)], limit: u32) -> Read<(String, bool)> {
    let body = get(response, "body");
    let get_reader = method(&body, "getReader").filter(|_| !get(response, "bodyUsed").is_truthy());
    let Some(get_reader) = get_reader else {
        return read_at_once(response, limit).await;
    };
    let said = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    if said.is_some_and(|(_, length)| length.parse().is_ok_and(|length: u64| length > limit.into())) {
        cancel(&body);
        return Ok((String::new(), false));
    }
    let reader = get_reader.call0(&body)?;
    let broken = || JsValue::from_str("the body is no stream of bytes");
    let read = method(&reader, "read").ok_or_else(broken)?;
    let mut bytes = Vec::new();
    let mut is_whole = true;
    loop {
        let piece = Promise::resolve(&read.call0(&reader)?).await?;
        if get(&piece, "done").is_truthy() {
            break;
        }
        let piece = JsBytes::from_js(&get(&piece, "value")).ok_or_else(broken)?;
        let piece = piece.view().map_err(|_| broken())?;
        let start = bytes.len();
        let length = piece.length() as usize;
        // Where memory is short, one answer fails, and nothing else.
        if length > limit as usize - start || bytes.try_reserve(length).is_err() {
            cancel(&reader);
            is_whole = false;
            break;
        }
        bytes.resize(start + length, 0);
        piece.copy_to(&mut bytes[start..]);
    }
    Ok((text_of(bytes), is_whole))
}

/// As `Response.text` does it.
fn text_of(mut bytes: Vec<u8>) -> String {
    if let Some(text) = bytes.strip_prefix("\u{feff}".as_bytes()) {
        bytes = text.to_vec();
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// From where there is no stream, and from stand-ins for a `Response` that only have `json`, which tests like to use.
async fn read_at_once(response: &JsValue, limit: u32) -> Read<(String, bool)> {
    let text: JsString = if let Some(text) = method(response, "text") {
        let text = Promise::resolve(&text.call0(response)?).await?;
        text.dyn_into().unwrap_or_default()
    } else if let Some(json) = method(response, "json") {
        let value = Promise::resolve(&json.call0(response)?).await?;
        JSON::stringify(&value)?
    } else {
        return Err(JsValue::from_str("fetch did not return a Response"));
    };
    if text.length() > limit {
        return Ok((String::new(), false));
    }
    Ok((text.into(), true))
}

/// Ends a body, or its reader, so that it keeps no connection.
pub fn cancel(body: &JsValue) {
    let cancelled = method(body, "cancel").and_then(|cancel| cancel.call0(body).ok());
    // An unhandled rejection would end a Node.js process. Any function will do as the handler.
    if let Some(cancelled) = cancelled
        && let Some(catch) = method(&cancelled, "catch")
    {
        let _ = catch.call1(&cancelled, &get(&js_sys::global(), "Boolean"));
    }
}
