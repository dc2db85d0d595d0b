//! Responses of `fetch`. Their bodies are read up to a limit, or left to the caller.

use std::cell::RefCell;

use js_sys::{Array, Function, IteratorNext, JSON, JsString, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Headers;

use super::{JsBytes, global};

type Result<T> = std::result::Result<T, JsValue>;

#[wasm_bindgen]
extern "C" {
    /// What `fetch` resolved with: a `Response`, or a stand-in with some of its members. Stand-ins are common in tests, so
    /// every member may be missing, and `web_sys::Response`, whose getters cannot fail, does not serve.
    #[derive(Clone)]
    pub type FetchResponse;

    #[wasm_bindgen(method, getter, catch, js_name = status)]
    fn raw_status(this: &FetchResponse) -> Result<JsValue>;

    #[wasm_bindgen(method, getter, catch)]
    fn url(this: &FetchResponse) -> Result<JsValue>;

    #[wasm_bindgen(method, getter, catch)]
    fn redirected(this: &FetchResponse) -> Result<JsValue>;

    #[wasm_bindgen(method, getter, catch, js_name = headers)]
    fn raw_headers(this: &FetchResponse) -> Result<Headers>;

    #[wasm_bindgen(method, getter, catch)]
    fn body(this: &FetchResponse) -> Result<Stream>;

    #[wasm_bindgen(method, getter, catch, js_name = bodyUsed)]
    fn body_used(this: &FetchResponse) -> Result<JsValue>;

    #[wasm_bindgen(method, getter, catch)]
    fn text(this: &FetchResponse) -> Result<Option<Function>>;

    #[wasm_bindgen(method, getter, catch)]
    fn json(this: &FetchResponse) -> Result<Option<Function>>;

    /// A `ReadableStream`, or its reader.
    type Stream;

    #[wasm_bindgen(method, getter, catch, js_name = getReader)]
    fn get_reader(this: &Stream) -> Result<Option<Function>>;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Stream) -> Result<JsValue>;

    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Stream) -> Result<Cancelled>;

    /// The promise of [`Stream::cancel`].
    type Cancelled;

    #[wasm_bindgen(method, catch, js_name = catch)]
    fn on_rejected(this: &Cancelled, handler: &Function) -> Result<JsValue>;
}

impl FetchResponse {
    /// The status; 0 for a stand-in that has none.
    pub fn status(&self) -> u16 {
        let status = self.raw_status().ok().and_then(|status| status.as_f64());
        status.unwrap_or_default() as u16
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<String> {
        self.raw_headers().ok()?.get(name).ok()?
    }

    /// The names and values of all headers; none for a stand-in without headers.
    pub fn headers(&self) -> Vec<(String, String)> {
        let headers = match self.raw_headers() {
            Ok(headers) if headers.is_object() => Array::from(&headers),
            _ => return Vec::new(),
        };
        let text = |pair: &Array, at| pair.get(at).as_string();
        headers
            .iter()
            .filter_map(|pair| pair.dyn_into().ok())
            .filter_map(|pair| Some((text(&pair, 0)?, text(&pair, 1)?)))
            .collect()
    }

    /// The URL of the response, if `fetch` followed a redirect to get there.
    pub fn redirected_to(&self) -> Option<String> {
        let is_redirected = self.redirected().is_ok_and(|redirected| redirected.is_truthy());
        is_redirected.then(|| self.url().ok()?.as_string()).flatten()
    }

    /// Cancels the body, so that it keeps no connection.
    pub fn cancel(&self) {
        if let Ok(body) = self.body() {
            body.end();
        }
    }

    fn is_used(&self) -> bool {
        self.body_used().is_ok_and(|used| used.is_truthy())
    }

    /// The body, and its method that makes a reader, if it is a stream.
    fn stream(&self) -> Option<(Stream, Function)> {
        let body = self.body().ok()?;
        let get_reader = body.get_reader().ok()??;
        Some((body, get_reader))
    }

    /// Reads the body as text: at most `limit` bytes of it. Returns the text, and whether it is all.
    pub async fn read_text(&self, headers: &[(String, String)], limit: u32) -> Result<(String, bool)> {
        let (Some((body, get_reader)), false) = (self.stream(), self.is_used()) else {
            return self.read_at_once(limit).await;
        };
        let declared = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if declared.is_some_and(|(_, length)| length.parse().is_ok_and(|length: u64| length > limit.into())) {
            body.end();
            return Ok((String::new(), false));
        }
        let broken = || JsValue::from_str("the body is no stream of bytes");
        let reader: Stream = get_reader.call0(&body)?.unchecked_into();
        let mut bytes = Vec::new();
        let mut is_whole = true;
        loop {
            let piece = Promise::resolve(&reader.read()?).await?;
            if !piece.is_object() {
                return Err(broken());
            }
            let piece: IteratorNext = piece.unchecked_into();
            if piece.done() {
                break;
            }
            let piece = JsBytes::from_js(&piece.value()).ok_or_else(broken)?;
            let piece = piece.view().map_err(|_| broken())?;
            let start = bytes.len();
            let length = piece.length() as usize;
            // Where memory is short, one response fails, and nothing else.
            if length > limit as usize - start || bytes.try_reserve(length).is_err() {
                reader.end();
                is_whole = false;
                break;
            }
            bytes.resize(start + length, 0);
            piece.copy_to(&mut bytes[start..]);
        }
        Ok((decode(bytes), is_whole))
    }

    /// Reads the body where there is no stream, and where a stand-in has only `text` or `json`.
    async fn read_at_once(&self, limit: u32) -> Result<(String, bool)> {
        let text: JsString = if let Ok(Some(text)) = self.text() {
            let text = Promise::resolve(&text.call0(self)?).await?;
            text.dyn_into().unwrap_or_default()
        } else if let Ok(Some(json)) = self.json() {
            let value = Promise::resolve(&json.call0(self)?).await?;
            JSON::stringify(&value)?
        } else {
            return Err(JsValue::from_str("fetch did not return a Response"));
        };
        if text.length() > limit {
            return Ok((String::new(), false));
        }
        Ok((text.into(), true))
    }
}

impl Stream {
    /// Cancels the stream, so that it keeps no connection.
    fn end(&self) {
        // An unhandled rejection would end a Node.js process. Any function will do as the handler.
        if let Ok(cancelled) = self.cancel() {
            let _ = cancelled.on_rejected(&global::boolean());
        }
    }
}

/// Decodes text as `Response.text` does.
fn decode(mut bytes: Vec<u8>) -> String {
    if let Some(text) = bytes.strip_prefix("\u{feff}".as_bytes()) {
        bytes = text.to_vec();
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A place for one response whose body is unread. Unless the response is taken, its body is cancelled, so that it keeps no
/// connection.
#[derive(Default)]
pub struct Unread(RefCell<Option<FetchResponse>>);

impl Unread {
    pub fn put(&self, response: FetchResponse) {
        self.discard();
        self.0.replace(Some(response));
    }

    pub fn is_there(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// The response; `undefined`, if there is none.
    pub fn take(&self) -> JsValue {
        self.0.take().map_or(JsValue::UNDEFINED, Into::into)
    }

    pub fn discard(&self) {
        if let Some(response) = self.0.take() {
            response.cancel();
        }
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.discard();
    }
}
