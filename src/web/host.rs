//! Requests through `fetch`, the time, and waiting.

use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, Function, Object, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{Thrown, get, message_of, method, set};
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Body, Clock, Http, Request, Response, Timers};

/// The page, worker or Node process we are in.
pub struct WebHost {
    /// The caller's own, if it gave one; else the runtime's, looked up at each call so that it may be replaced.
    fetch: Option<Function>,
}

impl WebHost {
    pub fn new(fetch: Option<Function>) -> Self {
        Self { fetch }
    }

    /// Calls `fetch(url, init)`, in this form because callers' own functions expect it.
    async fn fetch(&self, url: &str, init: &Object) -> std::result::Result<JsValue, JsValue> {
        let global = js_sys::global();
        let fetch = match &self.fetch {
            Some(fetch) => fetch.clone(),
            None => method(&global, "fetch").ok_or_else(|| JsValue::from_str("there is no fetch here"))?,
        };
        let answer = fetch.call2(&global, &url.into(), init)?;
        Promise::resolve(&answer).await
    }
}

impl Http for WebHost {
    type Item = Uint8Array;

    async fn send(&self, request: Request<Uint8Array>) -> Result<Response> {
        let url = request.url.clone();
        let unreached = |thrown: JsValue| {
            Error::new(
                ErrorKind::HttpNetwork,
                format!(
                    "{url} could not be reached: {}. Check the address and the connection",
                    message_of(&thrown)
                ),
            )
            .with_source(Thrown(thrown))
        };
        let response = self.fetch(&url, &init(request)).await.map_err(unreached)?;
        let body = read_text(&response).await.map_err(unreached)?;
        let status = get(&response, "status").as_f64().unwrap_or_default() as u16;
        Ok(Response { status, body })
    }
}

/// Reads a body as text. Also from stand-ins for a `Response` that only have `json`, which tests like to use.
async fn read_text(response: &JsValue) -> std::result::Result<String, JsValue> {
    if let Some(text) = method(response, "text") {
        let text = Promise::resolve(&text.call0(response)?).await?;
        return Ok(text.as_string().unwrap_or_default());
    }
    let Some(json) = method(response, "json") else {
        return Err(JsValue::from_str("fetch did not return a Response"));
    };
    let value = Promise::resolve(&json.call0(response)?).await?;
    Ok(js_sys::JSON::stringify(&value)?.as_string().unwrap_or_default())
}

fn init(request: Request<Uint8Array>) -> Object {
    let init = Object::new();
    set(&init, "method", request.method.as_str());
    if !request.headers.is_empty() {
        let headers = Object::new();
        for (name, value) in request.headers {
            set(&headers, name, *value);
        }
        set(&init, "headers", headers);
    }
    if request.follow_redirects {
        set(&init, "redirect", "follow");
    }
    match request.body {
        Body::None => {}
        Body::Text(text) => set(&init, "body", text),
        Body::Item(item) => set(&init, "body", item.unchecked_into::<JsValue>()),
    }
    init
}

impl Clock for WebHost {
    fn now(&self) -> u64 {
        Date::now() as u64
    }
}

impl Timers for WebHost {
    async fn sleep(&self, milliseconds: u32) {
        TimeoutFuture::new(milliseconds).await;
    }
}
