//! Responses in the form of a HyperBEAM node of November 2025.
//!
//! The keys of a message are at the top, beside `status`. A value that is not a whole message is under `body`, and `ao-result`
//! says so. In the default codec, keys that fit are headers, and a single text or number is the body. Where a node would send
//! its HTML page, these responses have JSON. Nothing is signed. Nested maps are always included and never linked.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::resolve::Resolved;
use crate::ans104::Tag;
use crate::ao_types::{AO_TYPES, float_text, push_entry};
use crate::arweave::to_base64url;
use crate::local::http::{Request, Response};
use crate::local::json::object;
use crate::local::path_and_query::PathAndQuery;

const JSON: &str = "application/json";

/// The form of a response.
#[derive(Default, Clone, Copy)]
pub(crate) struct Codec {
    /// Whether everything is in a JSON body. Otherwise keys that fit are headers.
    pub json: bool,
}

impl Codec {
    /// The form that an unsigned request selects, in its query, its path parameters, or its headers.
    pub(crate) fn of_request(request: &Request, target: &PathAndQuery, parameters: &[(&str, &str)]) -> Self {
        let mut named = Self::of_names(
            target
                .query()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        named.json |= Self::of_names(parameters.iter().copied()).json;
        let headers = request.headers.iter();
        named.json |= Self::of_names(headers.map(|(name, value)| (name.as_str(), value.as_str()))).json;
        named
    }

    /// The form that a signed item selects. The headers of its request do not count.
    pub(crate) fn of_tags(tags: &[Tag]) -> Self {
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
        Self::of_names(tags.iter().map(|tag| (text(&tag.name), text(&tag.value))))
    }

    /// The form that a signed HTTP message selects.
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

    /// Writes the response.
    pub(crate) fn respond(self, status: u16, resolved: Resolved) -> Response {
        let members = match resolved {
            Resolved::Serialized(value) => {
                return Response::new(status, JSON, with_types(value).to_string())
                    .with_header("status", status)
                    .with_header(AO_TYPES, r#"status="integer""#);
            }
            Resolved::Value(value) if !self.json && !value.is_object() && !value.is_array() => {
                return single_value(status, &value);
            }
            Resolved::Value(value) => object(vec![("ao-result", "body".into()), ("body", value)]),
            Resolved::Message(members) => members,
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
            headers.push((AO_TYPES.into(), types_field(&types)));
        }
        let Value::Object(mut body) = with_types(Value::Object(members)) else {
            return Response::new(500, JSON, "");
        };
        body.insert("status".into(), status.into());
        let mut response = Response::new(status, JSON, Value::Object(body).to_string()).with_header("status", status);
        response.headers.extend(headers);
        response
    }
}

/// A single text or number, unchanged in the body.
fn single_value(status: u16, value: &Value) -> Response {
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
    // Without a content type, browsers guess one, and processes may have published HTML.
    Response::new(status, "text/plain; charset=utf-8", text)
        .with_header("status", status)
        .with_header("ao-result", "body")
        .with_header(AO_TYPES, types_field(&types))
        .with_header("content-digest", format!("sha-256=:{digest}=:"))
}

/// The type of a value in `ao-types`. `None` for text, lists and maps.
fn type_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Bool(_) | Value::Null => Some("atom"),
        Value::Number(number) if number.is_f64() => Some("float"),
        Value::Number(_) => Some("integer"),
        _ => None,
    }
}

/// The field `ao-types`.
fn types_field(types: &Map<String, Value>) -> String {
    let mut field = Vec::new();
    for (name, kind) in types {
        push_entry(&mut field, name, kind.as_str().unwrap_or_default().as_bytes());
    }
    String::from_utf8(field).unwrap_or_default()
}

/// JSON as a node writes it: booleans and `null` become text, and `ao-types` lists their names.
fn with_types(value: Value) -> Value {
    match value {
        Value::Object(given) => {
            let (mut members, mut atoms) = (Map::new(), Map::new());
            for (name, value) in given {
                if type_of(&value) == Some("atom") {
                    atoms.insert(name.clone(), "atom".into());
                }
                members.insert(name, with_types(value));
            }
            if !atoms.is_empty() && !members.contains_key(AO_TYPES) {
                members.insert(AO_TYPES.into(), types_field(&atoms).into());
            }
            Value::Object(members)
        }
        Value::Array(entries) => entries.into_iter().map(with_types).collect(),
        Value::Bool(_) | Value::Null => Value::String(value.to_string()),
        value => value,
    }
}

/// Maximum size of one header's value, and of all headers, in bytes. Clients refuse responses with larger heads.
const MAX_VALUE: usize = 1024;
const MAX_HEADERS: usize = 6 << 10;

/// Names with a meaning in HTTP, in browsers, or in the response itself.
const RESERVED_HEADERS: [&str; 25] = [
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

/// The keys of a message that fit into headers: single values in printable ASCII, with names that have no other meaning.
fn headers_of(members: &Map<String, Value>, json: bool) -> Vec<(String, String)> {
    let mut left = MAX_HEADERS;
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
        let is_free = !RESERVED_HEADERS.contains(&name.as_str())
            && !["access-control-", "sec-", "proxy-", "cross-origin-"]
                .iter()
                .any(|prefix| name.starts_with(prefix));
        let is_text =
            text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && !text.starts_with(' ') && !text.ends_with(' ');
        let size = name.len() + text.len();
        if !name.is_empty() && is_name && is_free && is_text && text.len() <= MAX_VALUE && size <= left {
            left -= size;
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
    fn headers_of_leaves_out_names_with_a_meaning_in_http() {
        let members = json!({
            "count": 5, "set-cookie": "a=b", "content-length": 1, "access-control-allow-origin": "x", "two words": "x",
            "Mixed": "x", "lines": "a\nb", "u": "ü", "long": "x".repeat(2000), "": "x", "map": {}, "flag": true
        });
        let headers = headers_of(members.as_object().unwrap(), false);
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["count", "flag"]);
    }
}
