//! Requests and responses.

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind};

/// A request, as HTTP has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// With the query, as it stands in a request line: `/cu/result/…?process-id=…`.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path, Vec::new())
    }

    pub fn post(path: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", path, body)
    }

    pub fn new(method: &str, path: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The value of a header, whatever the case of its name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// A response, as HTTP has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.into(),
        }
    }

    pub(crate) fn text(body: impl Into<String>) -> Self {
        Self::new(200, "text/plain; charset=utf-8", body.into())
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::raw_json(status, body.to_string())
    }

    pub(crate) fn raw_json(status: u16, body: String) -> Self {
        Self::new(status, "application/json; charset=utf-8", body)
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.into(), value.to_string()));
        self
    }

    /// The value of a header; its name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A message of these members. Maps that are collected are sorted first, by code of its own for each kind of iterator.
pub(crate) fn members(members: Vec<(&str, Value)>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in members {
        map.insert(name.into(), value);
    }
    map
}

/// Why a request was not done: a status, and words.
pub(crate) struct HttpError {
    status: u16,
    error: Error,
    /// What a HyperBEAM node says beside that.
    more: Map<String, Value>,
}

pub(crate) type HttpResult<T> = std::result::Result<T, HttpError>;

impl HttpError {
    pub(crate) fn new(status: u16, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            status,
            error: Error::new(kind, message),
            more: Map::new(),
        }
    }

    /// Under no key of a message is what a path names.
    pub(crate) fn unpublished(path: &[&str]) -> Self {
        let path = path.join("/");
        let mut refusal = Self::missing(format!("There is nothing at \"{path:.128}\". Names are case-sensitive"));
        for (name, value) in [
            ("ao-result", "body"),
            ("ao-types", "body=\"atom\""),
            ("body", "not_found"),
        ] {
            refusal.more.insert(name.into(), value.into());
        }
        refusal
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.into(), value.into());
        self
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, ErrorKind::BadArgument, message)
    }

    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(404, ErrorKind::NotFound, message)
    }

    pub(crate) fn method(method: &str) -> Self {
        Self::new(
            405,
            ErrorKind::BadArgument,
            format!("There is no {method:.16} at this path"),
        )
    }

    pub(crate) fn message(&self) -> &str {
        self.error.message()
    }

    /// Whether the network itself is at fault.
    pub(crate) fn is_internal(&self) -> bool {
        self.status >= 500
    }

    pub(crate) fn into_error(self) -> Error {
        self.error
    }

    /// The status, and the message that a HyperBEAM node sends with it.
    pub(crate) fn for_node(&self) -> (u16, Map<String, Value>) {
        let mut message = self.more.clone();
        for (name, text) in [
            ("error", self.error.message()),
            ("reason", self.error.message()),
            ("code", self.error.kind().code()),
        ] {
            message.insert(name.into(), text.into());
        }
        (self.status, message)
    }

    pub(crate) fn response(&self) -> Response {
        let body = json!({ "error": self.error.message(), "code": self.error.kind().code() });
        Response::json(self.status, &body)
    }
}

/// What is wrong with a request is the sender's doing; a platform that fails is not.
impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            ErrorKind::Storage | ErrorKind::Signer | ErrorKind::OutOfMemory | ErrorKind::Stopped => 500,
            ErrorKind::NotFound => 404,
            _ => 400,
        };
        Self {
            status,
            error,
            more: Map::new(),
        }
    }
}
