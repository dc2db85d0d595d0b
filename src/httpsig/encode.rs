//! From a message to headers and a body, in the one form into which a node would encode it: a node verifies a signature by
//! encoding what it has read anew.

use super::digest::content_digest;
use super::escape::header_of;
use super::fields::{Fields, parse_item};
use super::message::{Message, Value, Values, is_id};
use super::multipart::{self, MAX_HEADER_LENGTH};
use super::types::{bad, to_plain};
use crate::error::Result;

pub(super) const DIGEST: &str = "content-digest";
pub(super) const BODY_KEY: &str = "ao-body-key";
pub(super) const IDS: &str = "ao-ids";
pub(super) const CONTENT_TYPE: &str = "content-type";

/// How nodes of a certain time write messages and their signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// HyperBEAM's main branch of 2026: a signature covers fields in any order, and a multipart body's type is left out.
    #[default]
    Current,
    /// HyperBEAM of September 2025: fields in alphabetical order, all of them; ids in a field of their own.
    September2025,
}

/// A message on the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    pub headers: Fields,
    pub body: Option<Vec<u8>>,
    /// The fields that a signature covers, in their order.
    pub(super) components: Vec<String>,
    /// Whether there are nested messages. A signature says so, or a node would look at their ids instead.
    pub(super) nested: bool,
    /// Whether the body has parts, and the field that says so is not covered.
    pub(super) unsaid_parts: bool,
    /// Why no node could verify a signature.
    pub(super) unverifiable: Option<String>,
}

impl Encoded {
    /// # Errors
    /// `BadArgument` for values and names that have no form on the wire.
    pub fn new(message: &Message, dialect: Dialect) -> Result<Self> {
        let mut unverifiable = Unverifiable(None);
        let inline = ["body", "data"].into_iter().find(|name| message.get(name).is_some());
        let nested = message
            .iter()
            .any(|(_, value)| matches!(value, Value::Map(_) | Value::List(_)));
        if dialect == Dialect::September2025 && message.iter().any(|(_, value)| is_large(value)) {
            unverifiable.set("it has an integer of more than 15 digits");
        }
        let (lines, in_body) = split(to_plain(message)?, inline, dialect, &mut unverifiable)?;
        let mut headers = lines;
        if inline == Some("data") {
            headers.insert(BODY_KEY.into(), "data".into());
        }
        let mut parts = multipart::group(in_body);
        let inline = inline.unwrap_or("body");
        let alone = parts.len() == 1;
        let single = match parts.get_mut(inline) {
            Some(Value::Bytes(bytes)) if alone => Some(std::mem::take(bytes)),
            _ => None,
        };
        let several = single.is_none() && !parts.is_empty();
        let body = if several {
            unverifiable.check_parts(&parts);
            if headers.contains_key(CONTENT_TYPE) {
                return Err(bad(
                    "'content-type': A message with nested or long values has one of its own. Leave it out",
                ));
            }
            let multipart = multipart::write(&parts, inline);
            let kind = format!("multipart/form-data; boundary=\"{}\"", multipart.boundary);
            headers.insert(CONTENT_TYPE.into(), Value::text(kind));
            Some(multipart.body)
        } else {
            single
        };
        if let Some(body) = &body {
            headers.insert(DIGEST.into(), Value::text(content_digest(body)));
        }
        let components = components(&headers, several, dialect);
        if dialect == Dialect::September2025 && components.len() > MAX_ORDERED {
            unverifiable.set("it has more than 32 fields");
        }
        Ok(Self {
            headers: with_codec(headers, several),
            body,
            components,
            nested,
            unsaid_parts: several && dialect == Dialect::Current,
            unverifiable: unverifiable.0,
        })
    }
}

/// Whether there is an integer that RFC 8941 does not know.
fn is_large(value: &Value) -> bool {
    match value {
        Value::Integer(number) => number.unsigned_abs() > 999_999_999_999_999,
        Value::List(values) => values.iter().any(is_large),
        Value::Map(message) => message.iter().any(|(_, value)| is_large(value)),
        _ => false,
    }
}

/// A node takes the type of a body for that of the whole message, unless it is told.
fn with_codec(headers: Values, several: bool) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in &headers {
        fields.add(name, value.bytes().unwrap_or_default());
    }
    if !several && fields.get(CONTENT_TYPE).is_some() && fields.get("codec-device").is_none() {
        fields.add("codec-device", "httpsig@1.0");
    }
    fields
}

/// What goes into headers, and what into the body.
fn split(
    plain: Values,
    inline: Option<&str>,
    dialect: Dialect,
    unverifiable: &mut Unverifiable,
) -> Result<(Values, Values)> {
    let mut headers = Values::new();
    let mut in_body = Values::new();
    let mut ids = Vec::new();
    for (name, value) in plain {
        let escaped = match dialect {
            Dialect::Current => header_of(&name).into_owned(),
            Dialect::September2025 => name.clone(),
        };
        let bytes = match value {
            Value::Bytes(bytes) if Some(name.as_str()) != inline && name != "body" => bytes,
            value => {
                if escaped != name {
                    unverifiable.set(lost_id(&name));
                }
                in_body.insert(escaped, value);
                continue;
            }
        };
        if bytes.len() > MAX_HEADER_LENGTH || has_control(&bytes) {
            if dialect == Dialect::September2025 && bytes.len() <= MAX_HEADER_LENGTH {
                unverifiable.set(format!(
                    "'{name}' has control characters, which its nodes expect in a header"
                ));
            }
            if escaped != name {
                unverifiable.set(lost_id(&name));
            }
            in_body.insert(escaped, Value::Bytes(bytes));
        } else if bytes.trim_ascii().len() != bytes.len() {
            unverifiable.set(format!("'{name}' begins or ends with white space, which headers lose"));
            in_body.insert(escaped, Value::Bytes(bytes));
        } else if dialect == Dialect::September2025 && is_id(&name) {
            unverifiable.set(format!("'{name}' is an id, and its nodes lose track of signed ones"));
            ids.push(id_member(&name, &bytes)?);
        } else {
            check_header(&name, &bytes)?;
            if DERIVED.contains(&name.as_str()) {
                unverifiable.set(format!("'{name}' is what nodes call a part of the request itself"));
            }
            headers.insert(escaped, Value::Bytes(bytes));
        }
    }
    if !ids.is_empty() {
        headers.insert(IDS.into(), Value::text(ids.join(", ")));
    }
    Ok((headers, in_body))
}

fn lost_id(name: &str) -> String {
    format!("'{name}' is an id, and nodes lose track of its value in a body")
}

/// `id="value"`, as a dictionary whose keys may have capitals.
fn id_member(id: &str, value: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(value)
        .ok()
        .and_then(|text| sfv::StringRef::from_str(text).ok());
    let text = text.ok_or_else(|| bad(format!("'{id}': Expected ASCII text under an id")))?;
    Ok(format!("{id}={}", sfv::ItemSerializer::new().bare_item(text).finish()))
}

/// Names before which nodes write an `@` in one place of the signature base, and none in another.
pub(super) const DERIVED: [&str; 8] = [
    "authority",
    "method",
    "path",
    "query",
    "query-param",
    "request-target",
    "scheme",
    "target-uri",
];

fn check_header(name: &str, value: &[u8]) -> Result<()> {
    if name.starts_with("proxy-") || name.starts_with("sec-") || KEPT_BY_BROWSERS.contains(&name) {
        return Err(bad(format!(
            "'{name}': Browsers do not let programs send this header. Take another name, or nest it"
        )));
    }
    // It is no property as others: `fetch` in Node, and objects in general, would drop the header after it was signed.
    if name == "__proto__" {
        return Err(bad(
            "'__proto__': JavaScript runtimes drop a header of this name. Take another name, or nest it",
        ));
    }
    let readable = || {
        let item = parse_item(value)?;
        item.params.get("boundary").is_none().then_some(())
    };
    if name == CONTENT_TYPE && readable().is_none() {
        return Err(bad(
            "'content-type': Expected a media type without a boundary, as text/plain;charset=utf-8",
        ));
    }
    Ok(())
}

/// Forbidden request headers of the Fetch standard, and one more that Chromium writes over.
const KEPT_BY_BROWSERS: [&str; 23] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];

/// Bytes that no header may have (RFC 9110 section 5.5).
fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t')
}

fn components(headers: &Values, several: bool, dialect: Dialect) -> Vec<String> {
    let mut names: Vec<String> = headers.keys().cloned().collect();
    if dialect == Dialect::Current {
        names.retain(|name| name != BODY_KEY && !(several && name == CONTENT_TYPE));
        // What the body's key is, a node says right after the digest.
        if headers.contains_key(BODY_KEY)
            && let Some(at) = names.iter().position(|name| name == DIGEST)
        {
            names.insert(at + 1, BODY_KEY.into());
        }
    }
    names
}

/// More names than this Erlang has in no order.
const MAX_ORDERED: usize = 32;

/// The first reason why a node would encode a message differently.
struct Unverifiable(Option<String>);

impl Unverifiable {
    fn set(&mut self, reason: impl Into<String>) {
        self.0.get_or_insert_with(|| reason.into());
    }

    fn check_parts(&mut self, parts: &Values) {
        for (path, part) in parts {
            match part {
                Value::Bytes(bytes) if bytes.is_empty() => self.set(format!("'{path}' is empty, beside nested values")),
                Value::Bytes(bytes) => {
                    let lifted = path.contains('/') && bytes.len() <= MAX_HEADER_LENGTH;
                    if lifted && multipart::has_line_end(bytes) {
                        self.set(format!("'{path}' has several lines"));
                    }
                }
                Value::Map(Message(fields)) => {
                    let body = fields.get("body").and_then(Value::bytes);
                    if body.is_some_and(<[u8]>::is_empty) {
                        self.set(format!("'{path}/body' is empty"));
                    }
                    if body.is_some() && fields.contains_key("data") {
                        self.set(format!("'{path}' has both data and a body"));
                    }
                    // And the disposition.
                    if fields.len() - usize::from(body.is_some()) + 1 > MAX_ORDERED {
                        self.set(format!("'{path}' has more than 31 values"));
                    }
                }
                _ => {}
            }
        }
    }
}
