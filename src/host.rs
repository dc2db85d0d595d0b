//! What this crate needs from its surroundings, as small traits. The browser implements them in `web`; tests and native
//! programs bring their own.

#![allow(
    async_fn_in_trait,
    reason = "a page has one thread, so no future of ours is ever sent to another"
)]

use crate::error::Result;

/// Requests over HTTP.
pub trait Http {
    /// A signed data item in whatever memory the host keeps it, so that a large upload is not copied to get here.
    type Item;

    /// Sends the request and reads the whole answer. An error status is an answer.
    ///
    /// # Errors
    /// `HttpNetwork` when the request did not arrive, or its answer did not.
    async fn send(&self, request: Request<Self::Item>) -> Result<Response>;
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request<B> {
    pub method: Method,
    pub url: String,
    pub headers: &'static [(&'static str, &'static str)],
    pub body: Body<B>,
    /// Whether to name the redirect mode; aoconnect leaves it out here and there, and the wire is kept the same.
    pub follow_redirects: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body<B> {
    None,
    Text(String),
    Item(B),
}

/// One answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names and values; names compare without regard to case.
    pub headers: Vec<(String, String)>,
    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub body: String,
    /// Milliseconds to wait before the next try, if the answer asks for that (`Retry-After`, RFC 9110 section 10.2.3).
    pub retry_after: Option<u32>,
}

impl Response {
    /// Whether the status is one of success.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The value of a header, if it is there and says something.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, value)| given.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// The time of day.
pub trait Clock {
    /// Milliseconds since 1970 in UTC.
    fn now(&self) -> u64;
}

/// Waiting.
pub trait Timers {
    async fn sleep(&self, milliseconds: u32);
}

/// Randomness fit for cryptography.
pub trait Random {
    /// # Errors
    /// `Unsupported` where the host has none.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// Bytes under names, for as long as the host likes to keep them.
///
/// Names are parts of `A-Z a-z 0-9 _ -`, joined by `/`.
pub trait Storage {
    /// # Errors
    /// `Storage` when the host cannot read.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// Keeps the bytes, whole or not at all, unless the name is taken; says whether it was free. Once it has returned, no
    /// crash loses them.
    ///
    /// # Errors
    /// `Storage` when the host cannot write.
    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool>;

    /// Keeps the bytes, whole or not at all, in place of those that the name had. A crash of the machine may lose them:
    /// for what can be made again.
    ///
    /// # Errors
    /// `Storage` when the host cannot write.
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()>;

    /// Forgets a name; one that is not there is forgotten already.
    ///
    /// # Errors
    /// `Storage` when the host cannot write.
    async fn remove(&self, name: &str) -> Result<()>;

    /// The names that have one part behind `prefix`, which ends in `/`; sorted.
    ///
    /// # Errors
    /// `Storage` when the host cannot read.
    async fn names(&self, prefix: &str) -> Result<Vec<String>>;
}
