//! One request, one answer, and what to make of its status.

use crate::error::{Error, ErrorKind, Result};
use crate::host::{Body, Headers, Http, Method, Request, Response};
use crate::protocol::Json;

pub(super) const ACCEPT_JSON: Headers = Headers::Usual(&[("Accept", "application/json")]);
pub(super) const SEND_JSON: Headers = Headers::Usual(&[("Content-Type", "application/json")]);
pub(super) const SEND_ITEM: Headers = Headers::Usual(&[
    ("Content-Type", "application/octet-stream"),
    ("Accept", "application/json"),
]);
pub(super) const SEND_ANS104: Headers =
    Headers::Usual(&[("Content-Type", "application/ans104"), ("codec-device", "ans104@1.0")]);

/// How much of an answer's body an error's message quotes.
const QUOTED: usize = 300;

/// A `GET` with nothing else to it.
pub(super) fn get<B>(url: String) -> Request<B> {
    Request {
        method: Method::Get,
        url,
        headers: Headers::Usual(&[]),
        body: Body::None,
        follow_redirects: false,
    }
}

/// Sends a request whose answer must be JSON and a success.
///
/// # Errors
/// `HttpNetwork`, `HttpStatus`, `BadResponse`.
pub(super) async fn json<H: Http>(host: &H, request: Request<H::Item>) -> Result<Json> {
    let url = request.url.clone();
    let response = host.send(request).await.map_err(|error| error.with_text("url", &url))?;
    check_status(&response, &url)?;
    json_of(response, url)
}

/// # Errors
/// `BadResponse` when the body is not JSON.
pub(super) fn json_of(response: Response, url: String) -> Result<Json> {
    let Response { status, body, .. } = response;
    Json::new(body).map_err(|body| {
        Error::new(
            ErrorKind::BadResponse,
            format!("{url} answered with something that is not JSON: {}", quote(&body)),
        )
        .with_text("url", url)
        .with_number("status", status.into())
        .with_text("body", body)
    })
}

pub(super) fn check_status(response: &Response, url: &str) -> Result<()> {
    if response.ok() {
        return Ok(());
    }
    let Response { status, body, .. } = response;
    Err(Error::new(ErrorKind::HttpStatus, format!("{status}: {}", quote(body)))
        .with_number("status", (*status).into())
        .with_text("url", url)
        .with_text("body", body))
}

fn quote(body: &str) -> String {
    let mut quoted: String = body.chars().take(QUOTED).collect();
    if quoted.len() < body.len() {
        quoted.push('…');
    }
    quoted
}
