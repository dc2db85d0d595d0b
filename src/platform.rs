//! The platform: what this crate needs from the outside, as small traits. `crate::web` implements them for browsers;
//! tests and native programs bring their own implementations.
//!
//! The documentation of each method is a contract. It states what the caller may rely on, and what the implementation must
//! do.

#![allow(
    async_fn_in_trait,
    reason = "a page has one thread, so no future of ours is ever sent to another"
)]

use std::pin::Pin;
use std::rc::Rc;

use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};

/// Sends requests over HTTP.
pub trait Http {
    /// The bytes of a signed data item, or of another binary body, in the memory where the platform keeps them. In a browser
    /// they stay in a `Uint8Array`, so that a large upload is not copied into WebAssembly.
    type Item;

    /// Sends a request once and reads the whole response.
    ///
    /// A response with an error status is a response: the implementation returns it as `Ok`. The implementation does not
    /// retry, because the caller decides which requests may be sent twice. It follows redirects, and reports the last address
    /// in [`Response::redirected`].
    ///
    /// The caller may drop the future at any time. The implementation should then close the connection. The request may have
    /// arrived nevertheless.
    ///
    /// # Errors
    /// `HttpNetwork` when the request did not arrive, or its response did not. If the implementation is certain that nothing
    /// was sent, it marks the error as [`unopened`](Error::is_unopened): the caller then sends even a write again.
    /// `BadResponse` when the body is larger than the platform reads. `Timeout` when the caller's signal ended the request.
    async fn send(&self, request: Request<Self::Item>) -> Result<Response>;
}

/// Downloads bytes, such as the data of a transaction from a gateway.
pub trait Download {
    /// Reads the whole response to a `GET`. The implementation follows redirects and does not retry.
    ///
    /// # Errors
    /// `HttpNetwork`; `HttpStatus` for a status that is not one of success; `BadResponse` for more bytes than the platform
    /// reads; `Timeout` when the caller's signal ended the request.
    async fn download(&self, url: &str) -> Result<Vec<u8>>;
}

/// An HTTP request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request<B> {
    pub method: Method,
    pub url: String,
    pub headers: Headers,
    pub body: Body<B>,
    /// Whether to pass `redirect: 'follow'` to `fetch`. It is the default of `fetch`. aoconnect passes it with some requests
    /// only, and a caller's own `fetch` gets the same options from this crate.
    pub follow_redirects: bool,
    /// The kind of unit that the request is for. The client may send it to another endpoint of that kind. `None` for an
    /// address without alternatives.
    pub unit: Option<Unit>,
    /// Whether to bypass the browser's HTTP cache (`cache: 'no-store'`).
    pub no_store: bool,
    /// Whether the client may send the request again.
    pub repeat: Repeat,
    /// Whether the platform may leave the body unread and hand the response itself to the caller, if it can.
    pub unread: bool,
}

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Graphql,
    Messenger,
    Compute,
    Scheduler,
    /// A HyperBEAM node.
    Node,
    /// A gateway, for the data of transactions.
    Gateway,
}

/// Whether a request may be sent again after it failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Repeat {
    /// Yes: it is a read.
    #[default]
    Freely,
    /// Yes: the unit recognises an item that it has already, and refuses the copy.
    Refused,
    /// Only if the earlier copy was not taken, because the unit would schedule the copy as a further message. The client
    /// concludes that from the error, or from the process's schedule where the request names a message in it.
    IfNotTaken(Option<Rc<SentMessage>>),
}

/// A message that was sent, and that the schedule of its process may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The address of the node.
    pub node: Rc<str>,
    /// The process that the message is for. For a spawn, the new process.
    pub process: Id,
    pub message: Id,
}

/// The method of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
    /// Any other, such as `HEAD` or `PUT`.
    Other(Rc<str>),
}

impl Method {
    /// Parses a method. Lower case is accepted where `fetch` accepts it.
    ///
    /// # Errors
    /// `BadArgument` for text that is no method, and for the methods that browsers forbid (`CONNECT`, `TRACE`, `TRACK`).
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

    /// Whether requests with this method may have a body.
    pub fn has_body(&self) -> bool {
        !matches!(self.as_str(), "GET" | "HEAD")
    }
}

fn bad_method(name: &str) -> Error {
    let message = format!("'method': \"{name}\" is no method of requests. Use GET or POST");
    Error::new(ErrorKind::BadArgument, message)
}

/// The headers of a request. No name occurs twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Headers {
    /// The headers that all requests of a kind have.
    Usual(&'static [(&'static str, &'static str)]),
    /// The headers of one request; its attempts share them. A value has one character (U+0000 to U+00FF) for each byte, as in
    /// `fetch`.
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

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<B> {
    None,
    Text(String),
    Item(B),
}

/// An HTTP response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names and values. Compare names without regard to case.
    pub headers: Vec<(String, String)>,
    /// The body as text. Bytes that are not UTF-8 become U+FFFD.
    pub body: String,
    /// Milliseconds to wait before the next attempt, as the server requests (`Retry-After`, RFC 9110 section 10.2.3).
    pub retry_after: Option<u32>,
    /// The address that a redirect led to. The response comes from there; or, where the redirect would have dropped the
    /// request's body, the request was not sent there and the response is the redirect itself. Browsers do not reveal whether
    /// the method was kept.
    pub redirected: Option<String>,
    /// The server's time in milliseconds since 1970 (`Date`), where the platform reveals it.
    pub date: Option<u64>,
    /// Whether earlier attempts arrived. Platforms leave it at its default; the client's retries set it.
    pub earlier: Earlier,
}

/// Whether earlier copies of a request arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Earlier {
    /// There were no earlier copies, or it is proven that none was taken.
    #[default]
    None,
    /// An earlier copy may have arrived.
    MayHaveArrived,
    /// An earlier copy arrived: the process's schedule shows it in this slot. The rest of the response is then empty, since
    /// the node did not send one.
    Scheduled(u64),
}

impl Response {
    /// Whether the status is one of success (200 to 299).
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The value of a header, if it is present and not empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, value)| given.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// Tells the time of day.
pub trait Clock {
    /// Milliseconds since 1970 in UTC. The clock may be set back between two calls.
    fn now(&self) -> u64;
}

/// Waits.
pub trait Timers {
    /// Completes after at least this many milliseconds, or as soon as the caller's signal is aborted. The caller checks the
    /// signal afterwards. Dropping the future cancels the timer.
    async fn sleep(&self, milliseconds: u32);
}

/// A future of an object that implements a trait.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Cryptography that the platform does faster than this crate, and beside the caller's own work.
pub trait PlatformCrypto {
    /// Verifies signatures of Arweave keys. Returns those that belong to their keys and hashes, by their place in `signatures`.
    ///
    /// `false` says nothing: the caller verifies such a signature itself. The implementation must never return `true` for
    /// another signature than [`pss::verify`](crate::arweave::pss::verify) accepts.
    fn verify_rsa<'a>(&'a self, signatures: &'a [RsaSignature]) -> LocalFuture<'a, Vec<bool>>;

    /// The SHA-256 of bytes. `None` where the platform cannot compute it: the caller then does.
    fn sha256<'a>(&'a self, bytes: &'a [u8]) -> LocalFuture<'a, Option<[u8; 32]>>;
}

/// A signature of an Arweave key, and what it is over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RsaSignature {
    pub signature: Vec<u8>,
    /// The deep hash of the item.
    pub hash: [u8; 48],
    /// The modulus.
    pub owner: Vec<u8>,
}

/// Makes random bytes that are fit for cryptography.
pub trait Random {
    /// Overwrites all of `bytes`.
    ///
    /// # Errors
    /// `Unsupported` where the platform has no secure source. The implementation must not fall back to a weak one.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}

/// Stores bytes under names.
///
/// A name consists of parts of `A-Z a-z 0-9 _ -`, joined by `/`. Calls do not overlap: the caller awaits one before it makes
/// the next. The platform may delete what it stores, as browsers do when the disk is full; it must not delete a part of a
/// record.
pub trait Storage {
    /// Returns the bytes of a name, exactly as they were stored. `None` if there are none.
    ///
    /// # Errors
    /// `Storage` when the platform cannot read.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// Stores the bytes unless the name is taken. Returns whether it was free.
    ///
    /// The bytes are stored whole or not at all. When this returns, they are on the disk: no crash loses them.
    ///
    /// # Errors
    /// `Storage` when the platform cannot write.
    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool>;

    /// Stores the bytes and replaces those that the name had.
    ///
    /// The bytes are stored whole or not at all: after a crash, `get` returns the old ones or the new ones. A crash of the
    /// machine may lose them, so the caller uses this only for what it can compute again.
    ///
    /// # Errors
    /// `Storage` when the platform cannot write.
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()>;

    /// Deletes a name. Deleting a name that does not exist is no error.
    ///
    /// # Errors
    /// `Storage` when the platform cannot write.
    async fn remove(&self, name: &str) -> Result<()>;

    /// Lists the names that consist of `prefix`, which ends in `/`, and one further part. Sorted by their bytes.
    ///
    /// # Errors
    /// `Storage` when the platform cannot read.
    async fn names(&self, prefix: &str) -> Result<Vec<String>>;
}

impl<S: Storage> Storage for &S {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        S::get(self, name).await
    }

    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        S::insert(self, name, bytes).await
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        S::put(self, name, bytes).await
    }

    async fn remove(&self, name: &str) -> Result<()> {
        S::remove(self, name).await
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        S::names(self, prefix).await
    }
}
