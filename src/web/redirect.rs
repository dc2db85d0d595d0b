//! Redirects of requests that have a body. `fetch` follows a 301, 302 or 303 with a `GET` without the body, and does not
//! report that. In Node.js, Deno and Bun it can be made to return redirects (`redirect: 'manual'`), and they are followed
//! here. (Node.js 20 cannot send bytes again to where a 307 or 308 leads.) Browsers show nothing of them.

use web_sys::Url;

use super::response::FetchResponse;

/// The largest number of redirects that are followed, as in `fetch`.
pub const MAX_REDIRECTS: usize = 20;

/// The URL that a response redirects to, if it does.
pub fn target(response: &FetchResponse, base: &str) -> Option<String> {
    if !matches!(response.status(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.header("location")?;
    let url = Url::new_with_base(&location, base).ok()?.href();
    // `fetch` has the same rule: a `data:` URL must not supply the response.
    url.starts_with("http").then_some(url)
}

/// Whether a redirect requires the same method and body.
pub fn keeps_body(response: &FetchResponse) -> bool {
    matches!(response.status(), 307 | 308)
}
