//! [`WebPlatform`]: requests through a scripted `fetch`, and through the browser's `fetch` to the server of the page.

use std::cell::RefCell;
use std::rc::Rc;

use aoxide::client::{Client, Units};
use aoxide::platform::{Body, Clock, Headers, Http, Method, Repeat, Request, Response, Timers};
use aoxide::web::{WebPlatform, get, set};
use aoxide::{Error, ErrorKind, Result};
use js_sys::{Function, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{PROCESS, Server, js};

const URL: &str = "http://unit.test/path?query";

fn get_request(url: &str) -> Request<Uint8Array> {
    Request {
        method: Method::Get,
        url: url.into(),
        headers: Headers::Usual(&[("accept", "application/json")]),
        body: Body::None,
        follow_redirects: true,
        unit: None,
        no_store: false,
        repeat: Repeat::Freely,
        unread: false,
    }
}

async fn answered(answer: &str) -> Result<Response> {
    Server::new(&[answer]).platform().send(get_request(URL)).await
}

fn refused(outcome: Result<Response>) -> Error {
    outcome.expect_err("the request must fail")
}

#[wasm_bindgen_test]
async fn a_request_reaches_fetch_as_url_and_init() {
    let server = Server::new(&["new Response('ok')"]);
    let request = Request {
        method: Method::Post,
        body: Body::Item(Uint8Array::from(&b"bytes"[..])),
        ..get_request(URL)
    };
    server.platform().send(request).await.unwrap();
    let seen = server.only_request();
    assert_eq!((seen.method.as_str(), seen.url.as_str()), ("POST", URL));
    assert_eq!(seen.header("accept").as_deref(), Some("application/json"));
    assert_eq!(Uint8Array::new(&seen.body).to_vec(), b"bytes");
}

#[wasm_bindgen_test]
async fn redirect_mode_and_cache_are_set_only_if_the_request_needs_them() {
    let given = |name: &'static str| format!("new Response(String(init.{name}))");
    for (request, name, expected) in [
        (get_request(URL), "redirect", "follow"),
        (get_request(URL), "cache", "undefined"),
        (
            Request {
                follow_redirects: false,
                no_store: true,
                ..get_request(URL)
            },
            "redirect",
            "undefined",
        ),
        (
            Request {
                no_store: true,
                ..get_request(URL)
            },
            "cache",
            "no-store",
        ),
    ] {
        let response = Server::new(&[&given(name)]).platform().send(request).await.unwrap();
        assert_eq!(response.body, expected, "{name}");
    }
}

#[wasm_bindgen_test]
async fn an_error_status_is_a_response_with_its_body_and_headers() {
    for status in [400, 404, 429, 500, 503] {
        let answer = format!("new Response('why', {{ status: {status}, headers: {{ 'x-unit': 'mu' }} }})");
        let response = answered(&answer).await.unwrap();
        assert_eq!((response.status, response.ok()), (status, false));
        assert_eq!((response.body.as_str(), response.header("X-Unit")), ("why", Some("mu")));
    }
}

#[wasm_bindgen_test]
async fn retry_after_is_read_as_seconds_or_as_a_date() {
    for (header, expected) in [("2", Some(2000)), ("0.5", Some(500)), ("soon", None), ("", None)] {
        let answer = format!("new Response('', {{ status: 503, headers: {{ 'retry-after': '{header}' }} }})");
        assert_eq!(answered(&answer).await.unwrap().retry_after, expected, "{header:?}");
    }
    let past = "new Response('', { status: 503, headers: { 'retry-after': new Date(0).toUTCString() } })";
    assert_eq!(answered(past).await.unwrap().retry_after, Some(0));
}

#[wasm_bindgen_test]
async fn the_date_header_is_read_as_milliseconds() {
    let answer = "new Response('', { headers: { date: 'Tue, 14 Nov 2023 22:13:20 GMT' } })";
    assert_eq!(answered(answer).await.unwrap().date, Some(1_700_000_000_000));
    assert_eq!(answered("new Response('')").await.unwrap().date, None);
}

#[wasm_bindgen_test]
async fn a_redirect_that_fetch_followed_is_reported() {
    // A page cannot construct a `Response` that was redirected.
    let answer = "({ status: 200, redirected: true, url: 'http://other.test/', headers: new Headers(), text: async () => 'ok' })";
    let response = answered(answer).await.unwrap();
    assert_eq!(response.redirected.as_deref(), Some("http://other.test/"));
    assert_eq!(response.body, "ok");
}

#[wasm_bindgen_test]
async fn a_large_body_arrives_whole() {
    let answer = "new Response('é'.repeat(2_000_000))";
    let body = answered(answer).await.unwrap().body;
    assert_eq!(body.len(), 4_000_000);
    assert!(body.chars().all(|c| c == 'é'));
}

#[wasm_bindgen_test]
async fn a_character_that_is_split_between_two_chunks_is_decoded() {
    let answer = "new Response(new ReadableStream({ start(c) {
        for (const byte of new TextEncoder().encode('a😀b')) c.enqueue(new Uint8Array([byte]))
        c.close()
    } }))";
    assert_eq!(answered(answer).await.unwrap().body, "a😀b");
}

#[wasm_bindgen_test]
async fn bytes_that_are_not_utf_8_become_replacement_characters() {
    let answer = "new Response(new Uint8Array([97, 255, 98]))";
    assert_eq!(answered(answer).await.unwrap().body, "a\u{FFFD}b");
}

#[wasm_bindgen_test]
async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let server = Server::new(&["new Response('x'.repeat(1000))"]);
    let limited = |response_limit| WebPlatform {
        response_limit,
        ..server.platform()
    };
    assert_eq!(limited(1000).send(get_request(URL)).await.unwrap().body.len(), 1000);
    let error = refused(limited(999).send(get_request(URL)).await);
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    assert!(error.message().contains("999"), "{error}");
}

#[wasm_bindgen_test]
async fn a_body_whose_stream_fails_is_a_network_error() {
    let answer = "new Response(new ReadableStream({ pull(c) { c.error(new TypeError('broken')) } }))";
    assert_eq!(refused(answered(answer).await).kind(), ErrorKind::HttpNetwork);
}

#[wasm_bindgen_test]
async fn an_aborted_signal_prevents_the_request() {
    let server = Server::new(&["new Response('late')"]);
    let platform = WebPlatform {
        signal: Some(js("AbortSignal.abort()").unchecked_into()),
        ..server.platform()
    };
    assert_eq!(
        refused(platform.send(get_request(URL)).await).kind(),
        ErrorKind::Timeout
    );
    assert!(server.seen().is_empty());
}

#[wasm_bindgen_test]
async fn a_signal_that_aborts_ends_a_request_that_gets_no_response() {
    let server = Server::new(&["new Promise(() => {})"]);
    let platform = WebPlatform {
        signal: Some(js("AbortSignal.timeout(20)").unchecked_into()),
        ..server.platform()
    };
    assert_eq!(
        refused(platform.send(get_request(URL)).await).kind(),
        ErrorKind::Timeout
    );
    assert_eq!(server.seen().len(), 1);
}

#[wasm_bindgen_test]
async fn a_signal_that_aborts_ends_a_body_that_never_ends() {
    let server = Server::new(&["new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)) } }))"]);
    let platform = WebPlatform {
        signal: Some(js("AbortSignal.timeout(20)").unchecked_into()),
        ..server.platform()
    };
    assert_eq!(
        refused(platform.send(get_request(URL)).await).kind(),
        ErrorKind::Timeout
    );
}

#[wasm_bindgen_test]
async fn a_signal_that_aborts_ends_a_wait() {
    let platform = WebPlatform {
        signal: Some(js("AbortSignal.timeout(20)").unchecked_into()),
        ..WebPlatform::default()
    };
    let started = platform.now();
    platform.sleep(60_000).await;
    assert!(platform.now() - started < 30_000);
}

#[wasm_bindgen_test]
async fn a_request_whose_future_is_dropped_is_aborted() {
    let server = Server::new(&["new Promise((_, reject) => {
        globalThis.wasAborted = false
        init.signal.onabort = () => { globalThis.wasAborted = true }
    })"]);
    let platform = WebPlatform {
        may_be_abandoned: true,
        ..server.platform()
    };
    let request = platform.send(get_request(URL));
    let soon = gloo_timers::future::TimeoutFuture::new(10);
    let first = futures_util::future::select(Box::pin(request), soon).await;
    drop(first);
    assert_eq!(server.seen().len(), 1);
    assert_eq!(js("globalThis.wasAborted"), JsValue::TRUE);
}

#[wasm_bindgen_test]
async fn listeners_are_called_for_the_request_and_for_its_outcome() {
    let events = Rc::new(RefCell::new(Vec::new()));
    let record = events.clone();
    let listener = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| record.borrow_mut().push(event));
    let listener: &Function = listener.as_ref().unchecked_ref();
    let server = Server::new(&[
        "new Response('', { status: 404 })",
        "Promise.reject(new TypeError('offline'))",
    ]);
    let platform = WebPlatform {
        on_request: Some(listener.clone()),
        on_response: Some(listener.clone()),
        ..server.platform()
    };
    platform.send(get_request(URL)).await.unwrap();
    refused(platform.send(get_request(URL)).await);
    let events = events.borrow();
    assert_eq!(events.len(), 4);
    for event in events.iter() {
        assert_eq!(get(event, "url").as_string().as_deref(), Some(URL));
    }
    assert_eq!(get(&events[1], "status").as_f64(), Some(404.0));
    assert!(get(&events[1], "milliseconds").as_f64().is_some());
    assert_eq!(
        get(&get(&events[3], "error"), "message").as_string().as_deref(),
        Some("offline")
    );
}

#[wasm_bindgen_test]
async fn errors_that_listeners_throw_are_ignored() {
    let server = Server::new(&["new Response('ok')"]);
    let throws = Function::new_no_args("throw new Error('listener')");
    let platform = WebPlatform {
        on_request: Some(throws.clone()),
        on_response: Some(throws),
        ..server.platform()
    };
    assert_eq!(platform.send(get_request(URL)).await.unwrap().body, "ok");
}

#[wasm_bindgen_test]
async fn a_fetch_that_throws_at_once_is_a_network_error() {
    let error = refused(answered("(() => { throw new RangeError('bad url') })()").await);
    assert_eq!(error.kind(), ErrorKind::HttpNetwork);
    assert!(error.message().contains("bad url"), "{error}");
    // A browser does not say whether the connection opened.
    assert!(!error.is_unopened());
}

#[wasm_bindgen_test]
async fn a_connection_that_never_opened_is_recognised_if_the_runtime_reports_it() {
    let rejected = "Promise.reject(Object.assign(new TypeError('failed'), { cause: { code: 'ECONNREFUSED' } }))";
    assert!(refused(answered(rejected).await).is_unopened());
}

#[wasm_bindgen_test]
async fn a_rejected_fetch_is_a_network_error_with_its_cause() {
    for reason in [
        "new TypeError('offline')",
        "'a string'",
        "null",
        "undefined",
        "{ odd: 1 }",
    ] {
        let fetch = Function::new_no_args(&format!("return Promise.reject({reason})"));
        let client = Client::new(WebPlatform::new(Some(fetch)), Units::default());
        let error = client.result(PROCESS, PROCESS).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpNetwork, "{reason}");
        assert!(std::error::Error::source(&error).is_some());
    }
    let not_a_response = Function::new_no_args("return 5");
    let client = Client::new(WebPlatform::new(Some(not_a_response)), Units::default());
    let error = client.result(PROCESS, PROCESS).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HttpNetwork);
}

/// The server that the test runner loads the page from.
fn page_url(path: &str) -> String {
    let origin = js("location.origin").as_string().unwrap();
    format!("{origin}/{path}")
}

#[wasm_bindgen_test]
async fn the_browsers_own_fetch_reads_a_page() {
    let response = WebPlatform::default().send(get_request(&page_url(""))).await.unwrap();
    assert!(response.ok());
    assert!(response.body.contains("<html"), "{}", response.body);
}

#[wasm_bindgen_test]
async fn the_browsers_own_fetch_returns_a_missing_page_with_its_status() {
    let response = WebPlatform::default()
        .send(get_request(&page_url("no-such-page")))
        .await
        .unwrap();
    assert_eq!(response.status, 404);
}

#[wasm_bindgen_test]
async fn an_address_that_refuses_connections_is_a_network_error() {
    // No server listens on port 9 (discard). Browsers also block it.
    let error = refused(WebPlatform::default().send(get_request("http://127.0.0.1:9/")).await);
    assert_eq!(error.kind(), ErrorKind::HttpNetwork);
    assert!(std::error::Error::source(&error).is_some());
}

#[wasm_bindgen_test]
async fn a_global_fetch_that_is_replaced_after_the_platform_was_created_is_called() {
    let global = js_sys::global();
    let original = get(&global, "fetch");
    let platform = WebPlatform::default();
    set(
        &global,
        "fetch",
        Function::new_no_args("return new Response('replaced')"),
    );
    let outcome = platform.send(get_request(URL)).await;
    set(&global, "fetch", original);
    assert_eq!(outcome.unwrap().body, "replaced");
}
