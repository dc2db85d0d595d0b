//! Requests through `fetch`, the time, and waiting.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Date, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{Thrown, WebRandom, get, message_of, method, set};
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Body, Clock, Http, Random, Request, Response, Timers};

/// The page, worker or Node process we are in.
#[derive(Clone, Default)]
pub struct WebHost {
    /// The caller's own, if it gave one; else the runtime's, looked up at each call so that it may be replaced.
    pub fetch: Option<Function>,
    /// Ends requests: an `AbortSignal`.
    pub signal: Option<JsValue>,
    /// Is told of each request: `{ method, url, headers, body }`.
    pub on_request: Option<Function>,
    /// Is told of each answer: `{ method, url, status, milliseconds }`, or `error` in the place of `status`.
    pub on_response: Option<Function>,
    /// Where answers go as `fetch` gave them, with their bodies unread, for a caller that wants them so.
    pub unread: Option<Rc<RefCell<JsValue>>>,
    /// Whether nobody may be left to hear of an answer: such a request is ended, so that it keeps no connection.
    pub may_be_abandoned: bool,
}

impl WebHost {
    pub fn new(fetch: Option<Function>) -> Self {
        Self {
            fetch,
            ..Self::default()
        }
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
            if self.ended() {
                return ended();
            }
            Error::new(
                ErrorKind::HttpNetwork,
                format!(
                    "{url} could not be reached: {}. Check the address and the connection",
                    message_of(&thrown)
                ),
            )
            .with_source(Thrown(thrown))
        };
        // Also where `fetch` does not look at signals, and after a wallet has taken its time.
        if self.ended() {
            return Err(ended());
        }
        let init = init(request);
        let controller = match self.may_be_abandoned {
            true => controller_under(self.signal.as_ref()),
            false => None,
        };
        let signal = controller.as_ref().map(|controller| get(controller, "signal"));
        if let Some(signal) = signal.or_else(|| self.signal.clone()) {
            set(&init, "signal", signal);
        }
        tell(&self.on_request, &url, &init, &[]);
        let mut under_way = UnderWay {
            host: self,
            url: &url,
            init: &init,
            controller,
            started: Date::now(),
        };
        let outcome = self.exchange(&url, &init).await;
        under_way.controller = None;
        under_way.tell(match &outcome {
            Ok(response) => ("status", response.status.into()),
            Err(thrown) => ("error", thrown.clone()),
        });
        outcome.map_err(unreached)
    }
}

/// A request that has no answer yet. Dropped in this state, it is ended.
struct UnderWay<'a> {
    host: &'a WebHost,
    url: &'a str,
    init: &'a Object,
    controller: Option<JsValue>,
    started: f64,
}

impl UnderWay<'_> {
    fn tell(&self, told: (&str, JsValue)) {
        let milliseconds = JsValue::from(Date::now() - self.started);
        tell(
            &self.host.on_response,
            self.url,
            self.init,
            &[told, ("milliseconds", milliseconds)],
        );
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(controller) = self.controller.take() {
            self.tell(("error", js_sys::Error::new("no answer in time").into()));
            let abort = method(&controller, "abort");
            let _ = abort.map(|abort| abort.call0(&controller));
        }
    }
}

/// An `AbortController` that also does what a signal says.
fn controller_under(signal: Option<&JsValue>) -> Option<JsValue> {
    let class: Function = method(&js_sys::global(), "AbortController")?;
    let controller = Reflect::construct(&class, &Array::new()).ok()?;
    if let Some(signal) = signal {
        // Without the event, which would be the reason.
        let abort = method(&controller, "abort")?.bind1(&controller, &JsValue::UNDEFINED);
        let listen = method(signal, "addEventListener")?;
        listen.call2(signal, &"abort".into(), &abort).ok()?;
    }
    Some(controller)
}

fn ended() -> Error {
    Error::new(ErrorKind::Timeout, "The call was ended before its answer came")
}

impl WebHost {
    /// Whether the signal says to stop.
    fn ended(&self) -> bool {
        self.signal
            .as_ref()
            .is_some_and(|signal| get(signal, "aborted").is_truthy())
    }

    async fn exchange(&self, url: &str, init: &Object) -> std::result::Result<Response, JsValue> {
        let response = self.fetch(url, init).await?;
        let body = match &self.unread {
            None => read_text(&response).await?,
            Some(place) => {
                let last = place.replace(response.clone());
                give_up(&get(&last, "body"));
                String::new()
            }
        };
        let status = get(&response, "status").as_f64().unwrap_or_default() as u16;
        let retry_after = retry_after(&response);
        Ok(Response {
            status,
            headers: headers_of(&response),
            body,
            retry_after,
        })
    }
}

/// Ends a body that nobody will read, and that would keep its connection.
fn give_up(body: &JsValue) {
    let cancelled = method(body, "cancel").and_then(|cancel| cancel.call0(body).ok());
    // That it cannot be ended is nobody's concern either; any function will do to hear of it.
    if let Some(cancelled) = cancelled
        && let Some(catch) = method(&cancelled, "catch")
    {
        let _ = catch.call1(&cancelled, &get(&js_sys::global(), "Boolean"));
    }
}

/// Tells a listener. What it throws is its own affair: a log must not break what it logs.
fn tell(listener: &Option<Function>, url: &str, init: &Object, more: &[(&str, JsValue)]) {
    let Some(listener) = listener else { return };
    let event = Object::new();
    set(&event, "url", url);
    for name in ["method", "headers", "body"] {
        set(&event, name, get(init, name));
    }
    for (name, value) in more {
        set(&event, name, value);
    }
    let _ = listener.call1(&JsValue::UNDEFINED, &event);
}

/// Milliseconds that the answer asks to wait: `Retry-After` has seconds, or a date.
fn retry_after(response: &JsValue) -> Option<u32> {
    let headers = get(response, "headers");
    let header = method(&headers, "get")?.call1(&headers, &"retry-after".into()).ok()?;
    let header = header.as_string()?;
    let wait = match header.trim().parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1000.0,
        Err(_) => Date::parse(&header) - Date::now(),
    };
    // A date that cannot be read is no wish at all; one that has passed is the wish to be asked at once.
    (!wait.is_nan()).then_some(wait.max(0.0) as u32)
}

/// Stand-ins for a `Response` may have none.
fn headers_of(response: &JsValue) -> Vec<(String, String)> {
    let headers = get(response, "headers");
    if !headers.is_object() {
        return Vec::new();
    }
    let text = |pair: &JsValue, at| Reflect::get_u32(pair, at).ok()?.as_string();
    Array::from(&headers)
        .iter()
        .filter_map(|pair| Some((text(&pair, 0)?, text(&pair, 1)?)))
        .collect()
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
        for (name, value) in request.headers.iter() {
            set(&headers, name, value);
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

impl Random for WebHost {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        WebRandom.fill(bytes)
    }
}

impl Timers for WebHost {
    async fn sleep(&self, milliseconds: u32) {
        // Timers take more for less than nothing.
        TimeoutFuture::new(milliseconds.min(i32::MAX as u32)).await;
    }
}
