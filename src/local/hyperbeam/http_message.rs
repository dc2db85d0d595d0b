//! Signed HTTP requests as messages (RFC 9421).
//!
//! A message contains only the fields that its signature covers, and is verified before it is accepted. Its id is the hash of
//! the signature, as with a data item. So it becomes an item internally and is handled like one. The signature is not valid
//! for that item, so the message is stored separately, with the signed headers and body, and is never served as an item.

use crate::ans104::{DataItem, Tag};
use crate::arweave::Id;
use crate::error::ErrorKind;
use crate::local::http::{HttpError, HttpResult, Request};
use crate::local::json::title_case;

/// A verified message from a signed HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedMessage {
    /// The modulus of the signer's key.
    pub owner: Vec<u8>,
    pub signature: Vec<u8>,
    /// The fields that the signature covers. Single values are text, other values are JSON.
    pub fields: Vec<(String, Vec<u8>)>,
}

/// Fields about the encoding of the message, which are not part of it.
const ENCODING: [&str; 6] = [
    "ao-body-key",
    "ao-ids",
    "ao-types",
    "content-digest",
    "signature",
    "signature-input",
];

impl VerifiedMessage {
    /// Turns the message into an item, whose signature is not valid. Names are in title case, as nodes pass them to legacy
    /// modules: `action` becomes `Action`.
    pub(crate) fn into_item(self) -> HttpResult<DataItem> {
        let mut target = None;
        let mut tags = Vec::new();
        let mut data = Vec::new();
        for (name, value) in self.fields {
            match name.as_str() {
                "body" => {
                    let message = "The message has a field named \"body\", which a node takes for the message itself. Rename it to \
                                   data, for instance";
                    return Err(HttpError::bad_request(message));
                }
                "data" => data = value,
                "target" => {
                    let text = String::from_utf8_lossy(&value);
                    target = Some(Id::parse(&text, "The message's target")?);
                }
                // Describes the encoding of the body.
                "content-type" if value.starts_with(b"multipart/") => {}
                name if ENCODING.contains(&name) => {}
                // Ids are not changed to title case.
                name if matches!(name.len(), 32 | 42 | 43) => tags.push(Tag::new(name, value)),
                name => tags.push(Tag::new(title_case(name), value)),
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

/// The signed headers and body, in the form in which they are stored.
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
pub(crate) fn verify(headers: &[(String, String)], body: &[u8], now: u64) -> HttpResult<VerifiedMessage> {
    use crate::httpsig::{Context, Fields, Key, Received};

    let mut fields = Fields::new();
    for (name, value) in headers {
        // Each character stands for a byte, as in `fetch`.
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
        return Err(not_valid(problem.as_deref()));
    };
    let covered = claim.covered.iter().filter_map(|name| {
        let value = decoded.message.get(name)?;
        Some((name.clone(), text_of(value)))
    });
    Ok(VerifiedMessage {
        owner: owner.clone(),
        signature: claim.signature.clone(),
        fields: covered.collect(),
    })
}

#[cfg(not(feature = "httpsig"))]
pub(crate) fn verify(_: &[(String, String)], _: &[u8], _: u64) -> HttpResult<VerifiedMessage> {
    let message = "Signed HTTP messages are not supported here. Send a signed data item (application/ans104)";
    Err(HttpError::new(400, ErrorKind::Unsupported, message))
}

/// The error for a request whose signature is not valid.
pub(crate) fn not_valid(problem: Option<&str>) -> HttpError {
    let problem = problem.filter(|problem| !problem.is_empty());
    let problem = problem.unwrap_or("it has no signature by an RSA key whose label begins with \"comm-\"");
    let message = format!("The HTTP message is not valid: {problem:.300}");
    HttpError::new(400, ErrorKind::BadSignature, message)
}

/// Single values as text, other values as JSON.
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
        // As in JavaScript, a whole number has no fraction.
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
