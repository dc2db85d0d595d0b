//! Replies in the form of a HyperBEAM node of November 2025.
//!
//! A message has its keys at the top, beside `status`. A value that is not a whole message is under `body`, and `ao-result`
//! says so. In the default codec, keys that fit are headers, and a single text or number is the body. Where a node then sends
//! its HTML page, there is the reply in JSON. Nothing is signed, and nested maps are always there: there are no links.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::ans104::Tag;
use crate::ao_types::{AO_TYPES, float_text, push_entry};
use crate::arweave::to_base64url;
use crate::local::http as wire;
use crate::local::http::{Request, Response};
use crate::local::path_and_query::PathAndQuery;

const JSON: &str = "application/json";

/// What a path leads to.
pub(crate) enum Shown {
    /// A message as a whole.
    Message(Map<String, Value>),
    /// What is under a key.
    Value(Value),
    /// JSON by `serialize~json@1.0`, without a wrapper.
    Serialized(Value),
}

/// The form in which a caller wants the reply.
#[derive(Default, Clone, Copy)]
pub(crate) struct Codec {
    pub json: bool,
}

impl Codec {
    /// What an unsigned request says: by its query, its keys' parameters, or its headers.
    pub(crate) fn of_request(request: &Request, route: &PathAndQuery, parameters: &[(&str, &str)]) -> Self {
        let mut named = Self::of_names(
            route
                .query()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        named.json |= Self::of_names(parameters.iter().copied()).json;
        let headers = request.headers.iter();
        named.json |= Self::of_names(headers.map(|(name, value)| (name.as_str(), value.as_str()))).json;
        named
    }

    /// What a signed item says. Its headers count for nothing.
    pub(crate) fn of_tags(tags: &[Tag]) -> Self {
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
        Self::of_names(tags.iter().map(|tag| (text(&tag.name), text(&tag.value))))
    }

    /// What a signed HTTP message says.
    pub(crate) fn of_fields(fields: &[(String, Vec<u8>)]) -> Self {
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
        Self::of_names(fields.iter().map(|(name, value)| (name.as_str(), text(value))))
    }

    fn of_names<'a>(mut options: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let json = options.any(|(name, value)| match name.to_ascii_lowercase().as_str() {
            "require-codec" | "accept-codec" => matches!(value, JSON | "json@1.0"),
            "accept" => value.contains(JSON),
            _ => false,
        });
        Self { json }
    }

    pub(crate) fn reply(self, status: u16, shown: Shown) -> Response {
        let members = match shown {
            Shown::Serialized(value) => {
                return signed_off(Response::new(status, JSON, typed(value).to_string()), status)
                    .with_header(AO_TYPES, r#"status="integer""#);
            }
            Shown::Value(value) if !self.json && !value.is_object() && !value.is_array() => {
                return plain(status, &value);
            }
            Shown::Value(value) => wire::members(vec![("ao-result", "body".into()), ("body", value)]),
            Shown::Message(members) => members,
        };
        let mut headers = headers_of(&members, self.json);
        if !self.json {
            let mut types = Map::new();
            types.insert("status".into(), "integer".into());
            for (name, _) in &headers {
                if let Some(kind) = type_of(&members[name]) {
                    types.insert(name.clone(), kind.into());
                }
            }
            headers.push((AO_TYPES.into(), listed(&types)));
        }
        let Value::Object(mut body) = typed(Value::Object(members)) else {
            return Response::new(500, JSON, "");
        };
        body.insert("status".into(), status.into());
        let mut response = signed_off(Response::new(status, JSON, Value::Object(body).to_string()), status);
        response.headers.extend(headers);
        response
    }
}

/// A single text or number, as it is.
fn plain(status: u16, value: &Value) -> Response {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => float_text(number.as_f64().unwrap_or_default()),
        value => value.to_string(),
    };
    let mut types = Map::new();
    types.insert("status".into(), "integer".into());
    if let Some(kind) = type_of(value) {
        types.insert("body".into(), kind.into());
    }
    let digest = to_base64url(&Sha256::digest(text.as_bytes()))
        .replace('-', "+")
        .replace('_', "/");
    // Browsers show what has no type as they see fit, and processes may have published HTML.
    signed_off(Response::new(status, "text/plain; charset=utf-8", text), status)
        .with_header("ao-result", "body")
        .with_header(AO_TYPES, listed(&types))
        .with_header("content-digest", format!("sha-256=:{digest}=:"))
}

fn signed_off(response: Response, status: u16) -> Response {
    response.with_header("status", status)
}

/// What `ao-types` says of a value; nothing of text, and of what is not a single value.
fn type_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Bool(_) | Value::Null => Some("atom"),
        Value::Number(number) if number.is_f64() => Some("float"),
        Value::Number(_) => Some("integer"),
        _ => None,
    }
}

fn listed(types: &Map<String, Value>) -> String {
    let mut text = Vec::new();
    for (name, kind) in types {
        push_entry(&mut text, name, kind.as_str().unwrap_or_default().as_bytes());
    }
    String::from_utf8(text).unwrap_or_default()
}

/// JSON as a node writes it: truth values and `null` are texts, which `ao-types` tells from others.
fn typed(value: Value) -> Value {
    match value {
        Value::Object(given) => {
            let (mut members, mut atoms) = (Map::new(), Map::new());
            for (name, value) in given {
                if type_of(&value) == Some("atom") {
                    atoms.insert(name.clone(), "atom".into());
                }
                members.insert(name, typed(value));
            }
            if !atoms.is_empty() && !members.contains_key(AO_TYPES) {
                members.insert(AO_TYPES.into(), listed(&atoms).into());
            }
            Value::Object(members)
        }
        Value::Array(entries) => entries.into_iter().map(typed).collect(),
        Value::Bool(_) | Value::Null => Value::String(value.to_string()),
        value => value,
    }
}

/// Most bytes of a value that is a header, and of all of them: clients refuse replies with larger heads.
const LONGEST: usize = 1024;
const MOST: usize = 6 << 10;

/// Names that mean something to HTTP, to browsers, or to the reply itself.
const RESERVED: [&str; 25] = [
    "alt-svc",
    "ao-types",
    "body",
    "clear-site-data",
    "commitments",
    "connection",
    "content-digest",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "data",
    "date",
    "keep-alive",
    "link",
    "location",
    "refresh",
    "server",
    "set-cookie",
    "status",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
];

/// The keys of a message that fit into headers: single values of visible ASCII, under names that mean nothing else.
fn headers_of(members: &Map<String, Value>, json: bool) -> Vec<(String, String)> {
    let mut room = MOST;
    let mut headers = Vec::new();
    for (name, value) in members {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Object(_) | Value::Array(_) => continue,
            Value::Number(number) if number.is_f64() && !json => float_text(number.as_f64().unwrap_or_default()),
            value => value.to_string(),
        };
        let is_name = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
        let is_free = !RESERVED.contains(&name.as_str())
            && !["access-control-", "sec-", "proxy-", "cross-origin-"]
                .iter()
                .any(|prefix| name.starts_with(prefix));
        let is_text =
            text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && !text.starts_with(' ') && !text.ends_with(' ');
        let size = name.len() + text.len();
        if !name.is_empty() && is_name && is_free && is_text && text.len() <= LONGEST && size <= room {
            room -= size;
            headers.push((name.clone(), text));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats_are_written_as_nodes_write_them() {
        for (number, text) in [(7.0, "7.00000000000000000000e+00"), (1.5, "1.50000000000000000000e+00")] {
            assert_eq!(float_text(number), text);
        }
    }

    #[test]
    fn what_means_something_to_http_is_no_header() {
        let members = json!({
            "count": 5, "set-cookie": "a=b", "content-length": 1, "access-control-allow-origin": "x", "two words": "x",
            "Mixed": "x", "lines": "a\nb", "u": "ü", "long": "x".repeat(2000), "": "x", "map": {}, "flag": true
        });
        let headers = headers_of(members.as_object().unwrap(), false);
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["count", "flag"]);
    }
}
