//! The platform traits over `fetch`, `Date` and `setTimeout`.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, Function, Object, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, AbortSignal, RequestCache, RequestInit, RequestRedirect};

use super::abort::until_aborted;
use super::redirect;
use super::response::{FetchResponse, Unread};
use super::{Progress, Thrown, WebRandom, get, global, message_of, set};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Body, Clock, Http, Random, Request, Response, Timers};

/// The page, worker or Node.js process that runs this module.
#[derive(Clone)]
pub struct WebPlatform {
    /// The caller's `fetch`. `None` for the runtime's, which is looked up at each call, so that a program may replace it.
    pub fetch: Option<Function>,
    /// Aborts requests.
    pub signal: Option<AbortSignal>,
    /// Called before each request with `{ method, url, headers, body }`.
    pub on_request: Option<Function>,
    /// Called after each request with `{ method, url, status, milliseconds }`, or `error` in place of `status`.
    pub on_response: Option<Function>,
    /// A place for the last response of a request that asks for it with its body unread.
    pub unread: Option<Rc<Unread>>,
    /// The maximum size of a response's body in bytes. 64 MiB by default.
    pub response_limit: u32,
    /// Records when a request goes out.
    pub progress: Progress,
    /// Whether the caller may drop the future of a request. The request is then aborted, so that it keeps no connection.
    pub may_be_abandoned: bool,
}

impl Default for WebPlatform {
    fn default() -> Self {
        Self {
            fetch: None,
            signal: None,
            on_request: None,
            on_response: None,
            unread: None,
            response_limit: 64 << 20,
            progress: Progress::default(),
            may_be_abandoned: false,
        }
    }
}

impl WebPlatform {
    pub fn new(fetch: Option<Function>) -> Self {
        Self {
            fetch,
            ..Self::default()
        }
    }

    /// Calls `fetch(url, init)`, in this form because callers' own functions expect it.
    async fn fetch(&self, url: &str, init: &RequestInit) -> std::result::Result<FetchResponse, JsValue> {
        let fetch = self.fetch.clone().or_else(global::fetch);
        let fetch = fetch.ok_or_else(|| JsValue::from_str("there is no fetch here"))?;
        let response = fetch.call2(&js_sys::global(), &url.into(), init)?;
        Ok(Promise::resolve(&response).await?.unchecked_into())
    }
}

impl Http for WebPlatform {
    type Item = Uint8Array;

    async fn send(&self, request: Request<Uint8Array>) -> Result<Response> {
        let url = request.url.clone();
        let unread = self.unread.as_deref().filter(|_| request.unread);
        let unreached = |thrown: JsValue| {
            if self.ended() {
                return ended();
            }
            let error = match unreadable(&thrown) {
                Some((code, rest)) => {
                    let start: String = rest.chars().take(200).collect();
                    let message = format!(
                        "{url} answered, but this runtime refuses the answer for a line end in a header ({code}). It goes on \
                         from there: {start}"
                    );
                    Error::new(ErrorKind::HttpNetwork, message).with_text("body", rest)
                }
                None => {
                    let why = message_of(&thrown);
                    let message = format!("{url} could not be reached: {why}. Check the address and the connection");
                    Error::new(ErrorKind::HttpNetwork, message)
                }
            };
            error.with_unopened(never_opened(&thrown)).with_source(Thrown(thrown))
        };
        if let Some(unread) = &self.unread {
            unread.discard();
        }
        // The signal may have been aborted while a wallet asked its user, and some `fetch` ignores signals.
        if self.ended() {
            return Err(ended());
        }
        let has_body = request.method.has_body();
        let init = init(request);
        let follows_here = has_body && self.fetch.is_none() && global::is_node();
        if follows_here {
            init.set_redirect(RequestRedirect::Manual);
        }
        // Some runtimes have no `AbortController`.
        let controller = match self.may_be_abandoned {
            true => AbortController::new().ok(),
            false => None,
        };
        let signal = controller.as_ref().map(AbortController::signal);
        if let Some(signal) = signal.or_else(|| self.signal.clone()) {
            init.set_signal(Some(&signal));
        }
        tell(&self.on_request, &url, &init, &[]);
        let mut under_way = UnderWay {
            platform: self,
            url: &url,
            init: &init,
            controller,
            started: Date::now(),
            is_over: false,
        };
        self.progress.sending();
        // Some `fetch` ignores signals, or responds to them late.
        let exchange = self.exchange(&url, &init, follows_here, unread);
        let Some(outcome) = until_aborted(self.signal.as_ref(), exchange).await else {
            return Err(ended());
        };
        under_way.is_over = true;
        under_way.tell(match &outcome {
            Ok((response, _)) => ("status", response.status.into()),
            Err(thrown) => ("error", thrown.clone()),
        });
        let (response, is_whole) = outcome.map_err(unreached)?;
        // The beginning of an error's body is enough.
        if is_whole || !response.ok() {
            return Ok(response);
        }
        let limit = self.response_limit;
        let message = format!("{url} answered with more than {limit} bytes. Raise `responseLimit`, or ask for less");
        Err(Error::new(ErrorKind::BadResponse, message).with_number("status", response.status.into()))
    }
}

/// A request without a response. It is aborted when it is dropped in this state.
struct UnderWay<'a> {
    platform: &'a WebPlatform,
    url: &'a str,
    init: &'a RequestInit,
    controller: Option<AbortController>,
    started: f64,
    is_over: bool,
}

impl UnderWay<'_> {
    fn tell(&self, told: (&str, JsValue)) {
        let milliseconds = JsValue::from(Date::now() - self.started);
        tell(
            &self.platform.on_response,
            self.url,
            self.init,
            &[told, ("milliseconds", milliseconds)],
        );
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let signal = self.platform.signal.as_ref().filter(|signal| signal.aborted());
        let late = || js_sys::Error::new("no answer in time").into();
        self.tell(("error", signal.map_or_else(late, AbortSignal::reason)));
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::Timeout, "The call was ended before its answer came")
}

impl WebPlatform {
    /// Whether the signal is aborted.
    fn ended(&self) -> bool {
        self.signal.as_ref().is_some_and(AbortSignal::aborted)
    }

    /// Sends the request, and follows redirects if `follows_here`. Returns the response, and whether its body is whole.
    async fn exchange(
        &self,
        url: &str,
        init: &RequestInit,
        follows_here: bool,
        unread: Option<&Unread>,
    ) -> std::result::Result<(Response, bool), JsValue> {
        let mut response = self.fetch(url, init).await?;
        let mut place = None;
        if follows_here {
            for _ in 0..redirect::MAX_REDIRECTS {
                place = redirect::target(&response, place.as_deref().unwrap_or(url));
                let Some(url) = place.as_deref().filter(|_| redirect::keeps_body(&response)) else {
                    break;
                };
                response.cancel();
                response = self.fetch(url, init).await?;
            }
        }
        let headers = response.headers();
        let (body, is_whole) = match unread {
            None => response.read_text(&headers, self.response_limit).await?,
            Some(unread) => {
                unread.put(response.clone());
                (String::new(), true)
            }
        };
        let date = response.header("date").map(|date| Date::parse(&date));
        let response = Response {
            status: response.status(),
            headers,
            body,
            retry_after: response.header("retry-after").and_then(|header| retry_after(&header)),
            redirected: response.redirected_to().or(place),
            date: date.filter(|date| *date > 0.0).map(|date| date as u64),
            ..Response::default()
        };
        Ok((response, is_whole))
    }
}

/// Where Node.js refuses a response for an invalid header: the error's code, and the response from that header on. HyperBEAM
/// nodes write texts of several lines into headers: values, and the stack trace of an error.
fn unreadable(thrown: &JsValue) -> Option<(String, String)> {
    let cause = get(thrown, "cause");
    let code = get(&cause, "code")
        .as_string()
        .filter(|code| code.starts_with("HPE_"))?;
    Some((code, get(&cause, "data").as_string()?.trim().into()))
}

/// Whether the runtime reports that the connection never opened, so that nothing was sent. Browsers do not report it.
fn never_opened(thrown: &JsValue) -> bool {
    let cause = get(thrown, "cause");
    let told = [(&cause, "syscall"), (&cause, "code"), (thrown, "code")];
    told.into_iter().any(|(error, name)| {
        let told = get(error, name).as_string().unwrap_or_default();
        CONNECTING.contains(&&*told)
    })
}

/// Codes of failures to connect in Node.js, and in Bun (the last).
const CONNECTING: [&str; 7] = [
    "connect",
    "getaddrinfo",
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "UND_ERR_CONNECT_TIMEOUT",
    "ConnectionRefused",
];

/// Calls a listener. Errors that it throws are ignored, so that logging cannot break a call.
fn tell(listener: &Option<Function>, url: &str, init: &RequestInit, more: &[(&str, JsValue)]) {
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

/// Milliseconds of a `Retry-After` header: it holds seconds, of which some units write fractions, or a date.
fn retry_after(header: &str) -> Option<u32> {
    let text = header.trim();
    let is_number = text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let wait = match is_number {
        true => JsValue::from_str(text).unchecked_into_f64() * 1000.0,
        false => Date::parse(header) - Date::now(),
    };
    // An invalid date counts as no header. A date in the past means now.
    (!wait.is_nan()).then_some(wait.max(0.0) as u32)
}

fn init(request: Request<Uint8Array>) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    if !request.headers.is_empty() {
        let headers = Object::new();
        for (name, value) in request.headers.iter() {
            set(&headers, name, value);
        }
        init.set_headers(&headers);
    }
    if request.follow_redirects {
        init.set_redirect(RequestRedirect::Follow);
    }
    if request.no_store {
        init.set_cache(RequestCache::NoStore);
    }
    match request.body {
        Body::None => {}
        Body::Text(text) => init.set_body(&text.into()),
        Body::Item(item) => init.set_body(&item),
    }
    init
}

impl Clock for WebPlatform {
    fn now(&self) -> u64 {
        Date::now() as u64
    }
}

impl Random for WebPlatform {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        WebRandom.fill(bytes)
    }
}

impl Timers for WebPlatform {
    async fn sleep(&self, milliseconds: u32) {
        // `setTimeout` takes a larger number for a negative one.
        let timer = TimeoutFuture::new(milliseconds.min(i32::MAX as u32));
        // The caller checks the signal afterwards.
        until_aborted(self.signal.as_ref(), timer).await;
    }
}
