//! Sends one request and checks its response.

use std::future::Future;

use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Body, Earlier, Headers, Http, Method, Repeat, Request, Response, Unit};
use crate::protocol::Json;

pub(super) const ACCEPT_JSON: Headers = Headers::Usual(&[("Accept", "application/json")]);
pub(super) const SEND_JSON: Headers = Headers::Usual(&[("Content-Type", "application/json")]);
pub(super) const SEND_ITEM: Headers = Headers::Usual(&[
    ("Content-Type", "application/octet-stream"),
    ("Accept", "application/json"),
]);
pub(super) const SEND_ANS104: Headers =
    Headers::Usual(&[("Content-Type", "application/ans104"), ("codec-device", "ans104@1.0")]);

/// Maximum of characters of a body in the message of an error.
const QUOTED: usize = 300;

/// A plain `GET`.
pub(super) fn get<B>(url: String, unit: Option<Unit>) -> Request<B> {
    Request {
        method: Method::Get,
        url,
        headers: Headers::Usual(&[]),
        body: Body::None,
        follow_redirects: false,
        unit,
        no_store: false,
        repeat: Repeat::Freely,
        unread: false,
    }
}

/// Sends a request. The response must be JSON with a status of success.
///
/// # Errors
/// `HttpNetwork`, `HttpStatus`, `BadResponse`.
pub(super) fn json<H: Http>(platform: &H, request: Request<H::Item>) -> impl Future<Output = Result<Json>> {
    posted(platform, request, &[])
}

/// The same for a `POST`. After a redirect, the response must contain one of `proofs`, if there are any: see
/// [`check_redirect`].
///
/// # Errors
/// `HttpNetwork`, `HttpStatus`, `BadResponse`.
pub(super) async fn posted<H: Http>(platform: &H, request: Request<H::Item>, proofs: &[&str]) -> Result<Json> {
    let url = request.url.clone();
    let is_of_compute = request.unit == Some(Unit::Compute);
    match platform.send(request).await {
        // The compute unit is still evaluating. The body is not a result.
        Ok(response) if is_of_compute && response.status == 202 => Err(status_error(&response, &url)),
        outcome => read_posted(outcome, url, proofs),
    }
}

/// Reads an outcome as [`posted`] does.
pub(super) fn read_posted(outcome: Result<Response>, url: String, proofs: &[&str]) -> Result<Json> {
    let response = outcome.map_err(|error| error.with_text("url", &url))?;
    let arrived = proofs.is_empty() || proofs.iter().any(|proof| contains(&response, proof));
    check_redirect(&response, &url, arrived)?;
    check_status(&response, &url)?;
    json_of(response, url)
}

/// Whether a message may have arrived although its sending failed. A response of success that cannot be read counts as well.
pub(super) fn may_have_arrived(outcome: &Result<Response>) -> bool {
    match outcome {
        Ok(response) => {
            let is_refusal = (400..500).contains(&response.status) && response.status != 408;
            !is_refusal || response.redirected.is_some() || response.earlier == Earlier::MayHaveArrived
        }
        Err(error) => error.kind() == ErrorKind::HttpNetwork && !error.is_unopened(),
    }
}

/// Advice of errors after which a message [may have arrived](may_have_arrived).
pub(super) const CHECK_BEFORE_RESENDING: &str =
    "The message may have arrived: look for its id, `details.id`, before you send another";

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
    match response.ok() {
        true => Ok(()),
        false => Err(status_error(response, url)),
    }
}

/// The error of a response with this status.
fn status_error(response: &Response, url: &str) -> Error {
    let Response { status, body, .. } = response;
    Error::new(ErrorKind::HttpStatus, format!("{status}: {}", quote(body)))
        .with_number("status", (*status).into())
        .with_text("url", url)
        .with_text("body", body)
}

/// Whether a response contains a text. (`str::contains` would add two kilobytes to every page.)
pub(super) fn contains(response: &Response, text: &str) -> bool {
    let body = response.body.as_bytes();
    body.windows(text.len().max(1)).any(|part| part == text.as_bytes())
}

/// Refuses the response to a redirected `POST` if it does not prove that the body arrived. This includes redirects that were
/// not followed. Browsers follow a 301, 302 or 303 with a `GET` without a body, and do not report the difference to a 307 or
/// 308 (RFC 9110, section 15.4).
///
/// # Errors
/// `BadResponse`.
pub(super) fn check_redirect(response: &Response, url: &str, arrived: bool) -> Result<()> {
    let is_error = response.status >= 400;
    let Some(place) = response.redirected.as_deref().filter(|_| !arrived && !is_error) else {
        return Ok(());
    };
    let message = format!(
        "{url} redirected the POST to {place}. Redirects can drop what was posted, and the answer does not show that it \
         arrived. Give the address that does not redirect"
    );
    Err(Error::new(ErrorKind::BadResponse, message)
        .with_text("url", url)
        .with_text("redirected", place)
        .with_text("body", &response.body))
}

fn quote(body: &str) -> String {
    let mut quoted: String = body.chars().take(QUOTED).collect();
    if quoted.len() < body.len() {
        quoted.push('…');
    }
    quoted
}

/// Whether a unit refuses an item because the scheduler has it already. `may_exist` turns that refusal into a success, for
/// items of which an earlier copy was sent.
///
/// Otherwise the refusal is an error. Some signature types give the same signature for the same content. A message that
/// equals an earlier one then has the same id, and the scheduler does not take it.
pub(super) fn take_duplicate(outcome: &mut Result<Response>, may_exist: bool) -> bool {
    match outcome {
        Ok(response) if !response.ok() && contains(response, "MessageExists") => {
            if may_exist {
                response.status = 200;
                response.body = "{}".into();
                response.redirected = None;
            }
            true
        }
        _ => false,
    }
}
