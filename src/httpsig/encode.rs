//! Encodes a message as headers and a body, exactly as a node does: a node verifies a signature by encoding the message
//! again.

use super::digest::content_digest;
use super::escape::header_of;
use super::fields::{Fields, joined, parse_item};
use super::message::{Message, Value, Values, is_id};
use super::multipart::{self, MAX_HEADER_LENGTH};
use super::names::{BODY_KEY, CONTENT_TYPE, DERIVED, DIGEST, IDS, MAX_ORDERED};
use super::nested::commit;
use super::types::{bad, to_plain};
use super::unverifiable::Unverifiable;
use crate::error::Result;

/// The encoding of nodes of a certain version. Dialects differ in nested messages, and in names that are ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// HyperBEAM of November 2025. Nested messages have their hashes. Names that are ids are escaped names of headers.
    /// Nodes of September 2025 verify this form too, except for such names.
    #[default]
    November2025,
    /// HyperBEAM of September 2025. Nested messages have no hashes. Names that are ids are in the field `ao-ids`.
    September2025,
}

/// An encoded message.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    pub headers: Fields,
    pub body: Option<Vec<u8>>,
    /// The names of the fields that a signature covers, in order.
    pub(super) components: Vec<String>,
    /// Whether there are nested messages. The signature's parameter `bundle` says so. Without it, a node would use
    /// their ids instead.
    pub(super) nested: bool,
    /// Whether there is a value named `body`.
    pub(super) has_body_field: bool,
    /// Why no node could verify a signature, if so.
    pub(super) unverifiable: Option<String>,
}

impl Encoded {
    /// Encodes a message.
    ///
    /// # Errors
    /// `BadArgument` for values and names that cannot be encoded.
    pub fn new(message: &Message, dialect: Dialect) -> Result<Self> {
        let mut unverifiable = Unverifiable::default();
        let inline = ["body", "data"].into_iter().find(|name| message.get(name).is_some());
        let nested = message
            .iter()
            .any(|(_, value)| matches!(value, Value::Map(_) | Value::List(_)));
        unverifiable.check_values(message, "");
        let (lines, mut in_body) = split(to_plain(message)?, inline, dialect, &mut unverifiable)?;
        if dialect == Dialect::November2025 {
            for (name, value) in &mut in_body {
                if let Value::Map(Message(plain)) = value
                    && commit(plain).is_none()
                {
                    unverifiable.set(format!(
                        "'{name}' has more than 32 values, or a content type beside long ones"
                    ));
                }
            }
        }
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
                    "'content-type': A message with nested or long values sets it itself. Leave it out",
                ));
            }
            let multipart = multipart::write(&parts, inline);
            headers.insert(CONTENT_TYPE.into(), Value::text(multipart.content_type()));
            Some(multipart.body)
        } else {
            single
        };
        if let Some(body) = &body {
            headers.insert(DIGEST.into(), Value::text(content_digest(body)));
        }
        let components: Vec<String> = headers.keys().cloned().collect();
        if components.len() > MAX_ORDERED {
            unverifiable.set("it has more than 32 fields");
        }
        Ok(Self {
            headers: with_codec(headers, several),
            body,
            components,
            nested,
            has_body_field: message.get("body").is_some(),
            unverifiable: unverifiable.0,
        })
    }
}

/// Adds `codec-device` where a node would otherwise decode the whole message by the content type of its body.
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

/// Splits the values into those for headers and those for the body.
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
            Dialect::November2025 => header_of(&name).into_owned(),
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
            if bytes.len() <= MAX_HEADER_LENGTH {
                unverifiable.set(format!(
                    "'{name}' has control characters, such as line ends, and nodes expect it in a header. Use 'data'"
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
            unverifiable.set(format!(
                "'{name}' is an id, and nodes of September 2025 do not read signed ones"
            ));
            ids.push(id_member(&name, &bytes)?);
        } else {
            check_header(&name, &bytes)?;
            if DERIVED.contains(&name.as_str()) {
                unverifiable.set(format!("nodes use the name '{name}' for a part of the request itself"));
            }
            headers.insert(escaped, Value::Bytes(bytes));
        }
    }
    if !ids.is_empty() {
        headers.insert(IDS.into(), Value::text(joined(&mut ids.into_iter(), ", ")));
    }
    Ok((headers, in_body))
}

fn lost_id(name: &str) -> String {
    format!("'{name}' is an id, and nodes lose its value in a body")
}

/// Writes `id="value"`, an entry of the field `ao-ids`.
fn id_member(id: &str, value: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(value)
        .ok()
        .and_then(|text| sfv::StringRef::from_str(text).ok());
    let text = text.ok_or_else(|| bad(format!("'{id}': Expected ASCII text under an id")))?;
    Ok(format!("{id}={}", sfv::ItemSerializer::new().bare_item(text).finish()))
}

fn check_header(name: &str, value: &[u8]) -> Result<()> {
    if name.starts_with("proxy-") || name.starts_with("sec-") || KEPT_BY_BROWSERS.contains(&name) {
        return Err(bad(format!(
            "'{name}': Browsers do not let programs send this header. Take another name, or nest it"
        )));
    }
    // Assigning this property sets an object's prototype, so that `fetch` in Node.js drops the header after it was signed.
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

/// Forbidden request headers of the Fetch standard, and one more that Chromium overwrites.
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

/// Whether there are bytes that a header must not have (RFC 9110 section 5.5).
fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t')
}
