//! Messages that come as signed HTTP requests (RFC 9421): what processes get of them, and how they are kept.
//!
//! Who brings a message here has verified it, and only fields that its signature covers are in it. Its id is the hash of the
//! signature, as of a data item, so it becomes one, and takes the same ways; but its signature is not that of an item. So it
//! is kept apart, with the headers and the body that were signed, and never served as an item.

use crate::ans104::{DataItem, Tag};
use crate::arweave::Id;
use crate::error::ErrorKind;
use crate::local::http::{HttpError, HttpResult, Request};
use crate::local::hyperbeam::schedule::titled;

/// A message out of a signed HTTP request. It is verified already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpMessage {
    /// The modulus of the signer's key.
    pub owner: Vec<u8>,
    pub signature: Vec<u8>,
    /// What the signature covers. Values are text where they are single values, and else JSON.
    pub fields: Vec<(String, Vec<u8>)>,
}

/// Fields that say how a message is written.
const WRITTEN: [&str; 6] = [
    "ao-body-key",
    "ao-ids",
    "ao-types",
    "content-digest",
    "signature",
    "signature-input",
];

impl HttpMessage {
    /// The message as an item without a valid signature, and its id. Names get capital letters, as nodes hand them to legacy
    /// modules: `action` is `Action`.
    pub(crate) fn into_item(self) -> HttpResult<DataItem> {
        let mut target = None;
        let mut tags = Vec::new();
        let mut data = Vec::new();
        for (name, value) in self.fields {
            match name.as_str() {
                "body" => {
                    let message =
                        "A node takes a field named body for the message itself. Name it data, or something else";
                    return Err(HttpError::bad(message));
                }
                "data" => data = value,
                "target" => {
                    let text = String::from_utf8_lossy(&value);
                    target = Some(Id::parse(&text, "The message's target")?);
                }
                // It says where the parts of the body end.
                "content-type" if value.starts_with(b"multipart/") => {}
                name if WRITTEN.contains(&name) => {}
                // Ids stay as they are.
                name if matches!(name.len(), 32 | 42 | 43) => tags.push(Tag::new(name, value)),
                name => tags.push(Tag::new(titled(name), value)),
            }
        }
        Ok(DataItem::unverified(
            &self.owner,
            &self.signature,
            target,
            &tags,
            &data,
        )?)
    }
}

/// The headers and the body that were signed, to be verified again.
pub(crate) fn original(request: &Request) -> Vec<u8> {
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| serde_json::Value::from(vec![name.as_str(), value.as_str()]));
    let mut original = serde_json::Value::from_iter(headers).to_string().into_bytes();
    original.push(b'\n');
    original.extend_from_slice(&request.body);
    original
}

/// Verifies a signed HTTP request. `now` is in milliseconds.
///
/// # Errors
/// `BadSignature`; `Unsupported` where this crate is built without the feature `httpsig`.
#[cfg(feature = "httpsig")]
pub(crate) fn verified(headers: &[(String, String)], body: &[u8], now: u64) -> HttpResult<HttpMessage> {
    use crate::httpsig::{Context, Fields, Key, Received};

    let mut fields = Fields::new();
    for (name, value) in headers {
        // A character for each byte, as `fetch` has them.
        let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        fields.add(name, bytes.unwrap_or_else(|| value.clone().into_bytes()));
    }
    let context = Context {
        fields: Some(&fields),
        ..Context::default()
    };
    let mut received = Received::new(&context, body, now / 1000)?;
    for claim in &mut received.claims {
        claim.verify();
    }
    let decoded = received.decode();
    let signed = decoded.claims.iter().find_map(|claim| match &claim.key {
        Key::Modulus(owner) if claim.is_valid() && claim.label.starts_with("comm-") => Some((claim, owner)),
        _ => None,
    });
    let Some((claim, owner)) = signed else {
        let mut problems = decoded
            .claims
            .iter()
            .flat_map(|claim| &claim.problems)
            .chain(&decoded.problems);
        let problem = problems.next().map(ToString::to_string);
        return Err(unverified(problem.as_deref()));
    };
    let covered = claim.covered.iter().filter_map(|name| {
        let value = decoded.message.get(name)?;
        Some((name.clone(), text_of(value)))
    });
    Ok(HttpMessage {
        owner: owner.clone(),
        signature: claim.signature.clone(),
        fields: covered.collect(),
    })
}

#[cfg(not(feature = "httpsig"))]
pub(crate) fn verified(_: &[(String, String)], _: &[u8], _: u64) -> HttpResult<HttpMessage> {
    let message = "Signed HTTP messages are not read here. Send a signed data item (application/ans104)";
    Err(HttpError::new(400, ErrorKind::Unsupported, message))
}

/// The refusal of a request whose signature is not valid.
pub(crate) fn unverified(problem: Option<&str>) -> HttpError {
    let problem = problem.unwrap_or("it has no signature by an RSA key whose label begins with \"comm-\"");
    let message = format!("The HTTP message is not valid: {problem:.300}");
    HttpError::new(400, ErrorKind::BadSignature, message)
}

/// Single values as text, and the others as JSON.
#[cfg(feature = "httpsig")]
fn text_of(value: &crate::httpsig::Value) -> Vec<u8> {
    match value {
        crate::httpsig::Value::Bytes(bytes) => bytes.clone(),
        value => match json_of(value) {
            serde_json::Value::String(text) => text.into_bytes(),
            json => json.to_string().into_bytes(),
        },
    }
}

#[cfg(feature = "httpsig")]
fn json_of(value: &crate::httpsig::Value) -> serde_json::Value {
    use crate::httpsig::Value;
    match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
        Value::Integer(number) => match i64::try_from(*number) {
            Ok(number) => number.into(),
            Err(_) => number.to_string().into(),
        },
        // A whole number has no fraction in JavaScript either.
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => (*number as i64).into(),
        Value::Float(number) => (*number).into(),
        Value::Atom(atom) => match atom.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            "null" | "undefined" => serde_json::Value::Null,
            atom => atom.into(),
        },
        Value::List(values) => values.iter().map(json_of).collect(),
        Value::Map(message) => message
            .iter()
            .map(|(name, value)| (name.to_owned(), json_of(value)))
            .collect(),
    }
}
