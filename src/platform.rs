//! What this crate needs from its surroundings, as small traits. The browser implements them in `web`; tests and native
//! programs bring their own.

#![allow(
    async_fn_in_trait,
    reason = "a page has one thread, so no future of ours is ever sent to another"
)]

use std::rc::Rc;

use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};

/// Requests over HTTP.
pub trait Http {
    /// A signed data item, or another body of bytes, in whatever memory the platform keeps it, so that a large upload is not
    /// copied to get here.
    type Item;

    /// Sends the request and reads the whole answer. An error status is an answer. Whoever drops the future wants no answer
    /// any more.
    ///
    /// # Errors
    /// `HttpNetwork` when the request did not arrive, or its answer did not;
    /// [`unopened`](Error::is_unopened) where the platform knows that nothing was sent.
    async fn send(&self, request: Request<Self::Item>) -> Result<Response>;
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request<B> {
    pub method: Method,
    pub url: String,
    pub headers: Headers,
    pub body: Body<B>,
    /// Whether to name the redirect mode; aoconnect leaves it out here and there, and the wire is kept the same.
    pub follow_redirects: bool,
    /// The kind of unit that the request is for. The other addresses of that kind can answer it as well. `None` for an
    /// address that has no alternatives.
    pub unit: Option<Unit>,
    /// Whether to ask past the caches of the browser (`cache: 'no-store'`).
    pub no_store: bool,
    pub repeat: Repeat,
    /// Whether a platform that has a place for whole responses may keep the response there, with its body unread.
    pub unread: bool,
}

/// Kinds of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Graphql,
    Messenger,
    Compute,
    Scheduler,
    /// A HyperBEAM node.
    Node,
}

/// What it means to send a request again after it failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing changes.
    #[default]
    Freely,
    /// The unit refuses an item that it has already.
    Refused,
    /// The unit takes every copy as a further message. A copy is sent only if the one before it provably was not taken: by
    /// its outcome, or by the schedule, where the request has one.
    IfNotTaken(Option<Rc<Scheduled>>),
}

/// A message in the schedule of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// The address of the node.
    pub node: Rc<str>,
    /// The process that the message is for; for a spawn, the process that it makes.
    pub process: Id,
    pub message: Id,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
    /// Any other, such as `HEAD` or `PUT`.
    Other(Rc<str>),
}

impl Method {
    /// Reads a method, which may be written in small letters where browsers allow that.
    ///
    /// # Errors
    /// `BadArgument` for what is none, and for those that browsers keep from programs.
    pub fn parse(name: &str) -> Result<Self> {
        let upper = name.to_ascii_uppercase();
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        match &*upper {
            "GET" => Ok(Self::Get),
            "POST" => Ok(Self::Post),
            "DELETE" => Ok(Self::Delete),
            "HEAD" | "OPTIONS" | "PUT" => Ok(Self::Other(upper.into())),
            "CONNECT" | "TRACE" | "TRACK" => Err(bad_method(name)),
            _ if !name.is_empty() && name.bytes().all(is_token) => Ok(Self::Other(name.into())),
            _ => Err(bad_method(name)),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Other(name) => name,
        }
    }

    /// Whether such requests may have a body.
    pub fn has_body(&self) -> bool {
        !matches!(self.as_str(), "GET" | "HEAD")
    }
}

fn bad_method(name: &str) -> Error {
    let message = format!("'method': \"{name}\" is no method of requests. Use GET or POST");
    Error::new(ErrorKind::BadArgument, message)
}

/// The header fields of a request. No name is there twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Headers {
    /// Those that all requests of a kind have.
    Usual(&'static [(&'static str, &'static str)]),
    /// Those of one request, which its tries share. A value has a character for each byte, as `fetch` has it.
    Own(Rc<[(String, String)]>),
}

impl Headers {
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let (usual, own): (&[_], &[_]) = match self {
            Self::Usual(usual) => (usual, &[]),
            Self::Own(own) => (&[], own),
        };
        let own = own.iter().map(|(name, value): &(String, String)| (&**name, &**value));
        usual.iter().copied().chain(own)
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl FromIterator<(String, String)> for Headers {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Self {
        Self::Own(fields.into_iter().collect())
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
    /// The address that a redirect led to: where the answer comes from, or where the request would lose its body and so was
    /// not sent. Browsers do not tell whether the method was kept.
    pub redirected: Option<String>,
    /// The unit's own time, in milliseconds since 1970 (`Date`), where the platform can tell.
    pub date: Option<u64>,
    pub earlier: Earlier,
}

/// What became of earlier copies of the request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Earlier {
    /// There were none, or they provably were not taken.
    #[default]
    None,
    /// One of them may have arrived.
    MayHaveArrived,
    /// One of them arrived: the process's schedule shows it in this slot. The response itself is no response of the node.
    Scheduled(u64),
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
    /// `Unsupported` where the platform has none.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// Bytes under names, for as long as the platform likes to keep them.
///
/// Names are parts of `A-Z a-z 0-9 _ -`, joined by `/`.
pub trait Storage {
    /// # Errors
    /// `Storage` when the platform cannot read.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// Keeps the bytes, whole or not at all, unless the name is taken; says whether it was free. Once it has returned, no
    /// crash loses them.
    ///
    /// # Errors
    /// `Storage` when the platform cannot write.
    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool>;

    /// Keeps the bytes, whole or not at all, in place of those that the name had. A crash of the machine may lose them:
    /// for what can be made again.
    ///
    /// # Errors
    /// `Storage` when the platform cannot write.
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()>;

    /// Forgets a name; one that is not there is forgotten already.
    ///
    /// # Errors
    /// `Storage` when the platform cannot write.
    async fn remove(&self, name: &str) -> Result<()>;

    /// The names that have one part behind `prefix`, which ends in `/`; sorted.
    ///
    /// # Errors
    /// `Storage` when the platform cannot read.
    async fn names(&self, prefix: &str) -> Result<Vec<String>>;
}
