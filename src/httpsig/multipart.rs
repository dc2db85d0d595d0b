//! `multipart/form-data` as HyperBEAM writes and reads it. It holds values that are too long for headers, and nested
//! messages. A part is a value, or a nested message whose fields are the part's headers. Its name is its path in the
//! message, with slashes.

use sha2::{Digest, Sha256};

use super::fields::{glued, parse_item, text_of};
use super::message::{Message, Value, Values};
use crate::ao_types::AO_TYPES;
use crate::arweave::to_base64url;
use crate::error::{Error, ErrorKind, Result};

/// The most bytes of a value in a header.
pub(super) const MAX_HEADER_LENGTH: usize = 4096;

const DISPOSITION: &str = "content-disposition";
/// The type of an empty message.
const EMPTY: &str = "empty-message";
const END_OF_HEADERS: &[u8] = b"\r\n\r\n";

/// A body with several parts.
pub(super) struct Multipart {
    pub boundary: String,
    pub body: Vec<u8>,
}

impl Multipart {
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary=\"{}\"", self.boundary)
    }
}

/// Splits values into parts: one for each nested message, and one for each value that no header can hold. A part is
/// bytes, or a message that contains only bytes.
pub(super) fn group(plain: Values) -> Values {
    let mut parts = Values::new();
    for (name, value) in plain {
        group_value(name, value, &mut parts);
    }
    parts
}

fn group_value(path: String, value: Value, parts: &mut Values) {
    let Value::Map(Message(plain)) = value else {
        parts.insert(path, value);
        return;
    };
    let mut fields = Message::new();
    if plain.is_empty() {
        fields.set(AO_TYPES, EMPTY.into());
    }
    for (name, value) in plain {
        if value.bytes().is_some_and(fits_line) {
            fields.0.insert(name, value);
        } else {
            group_value(glued(&[&path, "/", &name]), value, parts);
        }
    }
    if !fields.is_empty() {
        parts.insert(path, Value::Map(fields));
    }
}

/// Whether bytes can be the value of a part's header.
fn fits_line(bytes: &[u8]) -> bool {
    bytes.len() <= MAX_HEADER_LENGTH && !has_line_end(bytes)
}

pub(super) fn has_line_end(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\r\n")
}

/// Writes parts. `inline` is the name of the part that is written without a name.
pub(super) fn write(parts: &Values, inline: &str) -> Multipart {
    let parts: Vec<Vec<u8>> = parts
        .iter()
        .map(|(path, part)| write_part(path, part, inline))
        .collect();
    let boundary = boundary_of(&parts);
    let mut body = Vec::new();
    for part in &parts {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        body.extend_from_slice(part);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--").as_bytes());
    Multipart { boundary, body }
}

/// The boundary: a hash of the parts, so that it is deterministic and occurs in none of them.
fn boundary_of<P: AsRef<[u8]>>(parts: &[P]) -> String {
    let mut hash = Sha256::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            hash.update(b"\r\n");
        }
        hash.update(part);
    }
    to_base64url(&hash.finalize())
}

fn write_part(path: &str, part: &Value, inline: &str) -> Vec<u8> {
    let mut path = path.to_string();
    let (mut lines, body) = match part {
        Value::Map(fields) => {
            let mut lines = fields.0.clone();
            let body = lines.remove("body");
            if body.is_some() && lines.is_empty() {
                // A part with a body only would be read as a value instead of a message.
                path.push_str("/body");
            }
            (lines, body)
        }
        bytes => (Values::new(), Some(bytes.clone())),
    };
    let disposition = if path == inline {
        "inline".into()
    } else {
        glued(&["form-data;name=\"", &path, "\""])
    };
    lines.insert(DISPOSITION.into(), Value::text(disposition));
    let mut written = Vec::new();
    for (name, value) in &lines {
        if !written.is_empty() {
            written.extend_from_slice(b"\r\n");
        }
        written.extend_from_slice(name.as_bytes());
        written.extend_from_slice(b": ");
        written.extend_from_slice(value.bytes().unwrap_or_default());
    }
    if let Some(body) = &body {
        written.extend_from_slice(END_OF_HEADERS);
        written.extend_from_slice(body.bytes().unwrap_or_default());
    }
    written
}

/// The parts of a body.
#[derive(Debug)]
pub(super) struct MultipartBody {
    pub parts: Vec<ReadPart>,
    /// Whether the boundary is the one that [`write`] computes, and there are no bytes before or behind the parts.
    pub is_clear: bool,
}

/// A part: its path and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadPart {
    /// `None` for the part without a name.
    pub path: Option<String>,
    pub value: Value,
}

/// The boundary in a content type; `None` where it is not multipart.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let item = parse_item(content_type)?;
    if !text_of(&item.bare_item)?.to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    text_of(item.params.get("boundary")?).map(Into::into)
}

/// Reads a multipart body.
///
/// # Errors
/// `BadResponse` for a body that ends too early, or has a part without a name.
pub(super) fn read(body: &[u8], boundary: &str) -> Result<MultipartBody> {
    let cut_short = || broken("The multipart body is cut short, or has another boundary");
    let delimiter = format!("\r\n--{boundary}");
    let start = format!("--{boundary}\r\n");
    let first = find(body, start.as_bytes()).ok_or_else(cut_short)? + start.len();
    let mut rest = &body[first..];
    let mut parts = Vec::new();
    let mut raw = Vec::new();
    loop {
        let end = find(rest, delimiter.as_bytes()).ok_or_else(cut_short)?;
        raw.push(&rest[..end]);
        parts.push(read_part(&rest[..end])?);
        rest = &rest[end + delimiter.len()..];
        if rest.starts_with(b"--") {
            let is_alone = first == start.len() && rest.len() == 2;
            return Ok(MultipartBody {
                parts,
                is_clear: is_alone && boundary == boundary_of(&raw),
            });
        }
        rest = rest.strip_prefix(b"\r\n").ok_or_else(cut_short)?;
    }
}

/// Whether bytes have the form that [`write`] writes, independent of their content type.
pub(super) fn has_parts(body: &[u8]) -> bool {
    let boundary = body.strip_prefix(b"--").and_then(|rest| rest.get(..BOUNDARY_LENGTH));
    let boundary = boundary.and_then(|boundary| std::str::from_utf8(boundary).ok());
    boundary.is_some_and(|boundary| read(body, boundary).is_ok_and(|parts| parts.is_clear))
}

/// Characters of a boundary: a SHA-256 in base64url.
const BOUNDARY_LENGTH: usize = 43;

fn read_part(part: &[u8]) -> Result<ReadPart> {
    let (head, body) = match find(part, END_OF_HEADERS) {
        Some(at) => (&part[..at], Some(&part[at + END_OF_HEADERS.len()..])),
        None => (part, None),
    };
    let mut fields = Values::new();
    let mut disposition = None;
    let mut rest = Some(head);
    while let Some(lines) = rest {
        let line;
        (line, rest) = match find(lines, b"\r\n") {
            Some(at) => (&lines[..at], Some(&lines[at + 2..])),
            None => (lines, None),
        };
        let Some(at) = find(line, b": ") else { continue };
        let name = String::from_utf8_lossy(&line[..at]).into_owned();
        let value = &line[at + 2..];
        if name.eq_ignore_ascii_case(DISPOSITION) {
            disposition = std::str::from_utf8(value).ok().and_then(parse_item);
        } else {
            fields.insert(name, Value::Bytes(value.to_vec()));
        }
    }
    let disposition = disposition.ok_or_else(|| broken("A part of the multipart body has no content-disposition"))?;
    let path = match text_of(&disposition.bare_item) {
        Some("inline") => None,
        _ => {
            let name = disposition.params.get("name").and_then(text_of);
            let name = name.ok_or_else(|| broken("A part of the multipart body has no name"))?;
            Some(name.to_string())
        }
    };
    fields.remove("content-digest");
    // A field `signature` without `signature-input` is a value, as in the commitments of a nested message.
    if fields.remove("signature-input").is_some() {
        fields.remove("signature");
    }
    let body_key = match fields.remove("ao-body-key") {
        Some(Value::Bytes(name)) => String::from_utf8_lossy(&name).into_owned(),
        _ => "body".into(),
    };
    let is_empty = fields.len() == 1
        && fields.get(AO_TYPES).and_then(Value::bytes) == Some(EMPTY.as_bytes())
        && body.is_none_or(<[u8]>::is_empty);
    if is_empty {
        fields.clear();
    }
    let value = match body.filter(|_| !is_empty).map(<[u8]>::to_vec) {
        Some(body) if fields.is_empty() => Value::Bytes(body),
        body => {
            fields.extend(body.map(|body| (body_key, Value::Bytes(body))));
            Value::Map(Message(fields))
        }
    };
    Ok(ReadPart { path, value })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn broken(message: &str) -> Error {
    Error::new(ErrorKind::BadResponse, message)
}
