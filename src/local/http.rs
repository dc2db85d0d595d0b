//! HTTP requests, responses and errors.

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind};

/// An HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// The path and the query, as in a request line: `/cu/result/…?process-id=…`.
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

    /// The value of a header. The case of its name does not matter.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// An HTTP response.
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

    /// The value of a header. `name` must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The error that a request is answered with: a status and a message.
pub(crate) struct HttpError {
    status: u16,
    error: Error,
    /// Further fields of a HyperBEAM node's error message.
    fields: Map<String, Value>,
}

pub(crate) type HttpResult<T> = std::result::Result<T, HttpError>;

impl HttpError {
    pub(crate) fn new(status: u16, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            status,
            error: Error::new(kind, message),
            fields: Map::new(),
        }
    }

    /// 404 for a path within a message that leads to no value.
    pub(crate) fn no_such_key(path: &[&str]) -> Self {
        let path = path.join("/");
        let mut error = Self::missing(format!("There is nothing at \"{path:.128}\". Names are case-sensitive"));
        for (name, value) in [
            ("ao-result", "body"),
            ("ao-types", "body=\"atom\""),
            ("body", "not_found"),
        ] {
            error.fields.insert(name.into(), value.into());
        }
        error
    }

    /// Adds a field to the message of a HyperBEAM node.
    pub(crate) fn with_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, ErrorKind::BadArgument, message)
    }

    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(404, ErrorKind::NotFound, message)
    }

    pub(crate) fn method_not_allowed(method: &str) -> Self {
        let message = format!("The method \"{method:.16}\" is not allowed at this path");
        Self::new(405, ErrorKind::BadArgument, message)
    }

    pub(crate) fn message(&self) -> &str {
        self.error.message()
    }

    /// Whether the network is at fault, and not the request.
    pub(crate) fn is_internal(&self) -> bool {
        self.status >= 500
    }

    pub(crate) fn into_error(self) -> Error {
        self.error
    }

    /// The status, and the message that a HyperBEAM node sends with it.
    pub(crate) fn node_message(&self) -> (u16, Map<String, Value>) {
        let mut message = self.fields.clone();
        for (name, text) in [
            ("error", self.error.message()),
            ("reason", self.error.message()),
            ("code", self.error.kind().code()),
        ] {
            message.insert(name.into(), text.into());
        }
        (self.status, message)
    }

    /// The error as a response of GraphQL, with the members of [`response`](Self::response) too.
    pub(crate) fn graphql_response(&self) -> Response {
        let (message, code) = (self.error.message(), self.error.kind().code());
        let errors = json!([{ "message": message, "extensions": { "code": code } }]);
        Response::json(
            self.status,
            &json!({ "errors": errors, "error": message, "code": code }),
        )
    }

    pub(crate) fn response(&self) -> Response {
        let body = json!({ "error": self.error.message(), "code": self.error.kind().code() });
        Response::json(self.status, &body)
    }
}

/// 500 for failures of the platform, 4xx for everything else: then the request is at fault.
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
            fields: Map::new(),
        }
    }
}
