//! Data of a message where JavaScript keeps it. It passes through this memory in pieces, and is copied once: into the item
//! that is sent.

use js_sys::{ArrayBuffer, JsString, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::{Thrown, get, message_of, method};
use crate::ans104::{DataDigest, DataHasher, Hash};
use crate::error::{Error, ErrorKind, Result};

/// Bytes hashed at a time: enough to make the calls between the two worlds cheap, few enough for the processor's cache.
const PIECE: u32 = 64 * 1024;
/// Bytes of a `Blob` read at a time.
const BLOB_PIECE: u32 = 1024 * 1024;

/// Bytes from which on Node's own hashing is worth the calls.
const NODE_WORTHWHILE: u32 = 16 * 1024;

/// Data as the caller gave it.
#[derive(Clone)]
pub enum JsData {
    Text(JsString),
    Bytes(Uint8Array),
    Blob(Blob),
}

impl From<&'static str> for JsData {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl JsData {
    /// Text, bytes or a `Blob`; anything else comes back.
    pub fn from_js(value: JsValue) -> std::result::Result<Self, JsValue> {
        if let Some(text) = value.dyn_ref::<JsString>() {
            return Ok(Self::Text(text.clone()));
        }
        if let Some(bytes) = bytes_from_js(&value) {
            return Ok(Self::Bytes(bytes));
        }
        value.dyn_into::<Blob>().map(Self::Blob)
    }

    /// What a browser wallet or another library takes: text or bytes. Reads a `Blob` whole.
    pub async fn to_plain(&self) -> Result<JsValue> {
        Ok(match self {
            Self::Text(text) => text.into(),
            Self::Bytes(bytes) => bytes.into(),
            Self::Blob(blob) => read_blob(blob, 0.0, blob.size()).await?.into(),
        })
    }

    /// A copy in this memory, for what is known to be small. A `Blob` cannot be read at once.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(String::from(text).into_bytes()),
            Self::Bytes(bytes) => Some(bytes.to_vec()),
            Self::Blob(_) => None,
        }
    }

    /// Hashes the data where it lies.
    pub async fn digest(&self) -> Result<DataDigest> {
        let mut hasher = DataHasher::default();
        match self {
            Self::Text(text) => for_each_piece(text, |piece| hasher.update(piece.as_bytes())),
            Self::Bytes(bytes) => return Ok(hash_bytes(bytes)),
            Self::Blob(blob) => {
                let mut start = 0.0;
                while start < blob.size() {
                    let end = blob.size().min(start + f64::from(BLOB_PIECE));
                    hash_pieces(&mut hasher, &read_blob(blob, start, end).await?);
                    start = end;
                }
            }
        }
        Ok(hasher.finish())
    }

    /// The item: a head, and the data behind it, which must still be what was hashed.
    pub async fn behind(&self, head: &[u8], digest: DataDigest) -> Result<Uint8Array> {
        let item = new_item(head, digest.length)?;
        let mut at = head.len() as u32;
        match self {
            Self::Text(text) => for_each_piece(text, |piece| {
                let end = at + piece.len() as u32;
                item.subarray(at, end).copy_from(piece.as_bytes());
                at = end;
            }),
            Self::Bytes(bytes) => item.set(bytes, at),
            Self::Blob(blob) => {
                while at < item.length() {
                    let start = f64::from(at) - head.len() as f64;
                    let end = f64::from(item.length() - at).min(f64::from(BLOB_PIECE)) + start;
                    let piece = read_blob(blob, start, end).await?;
                    item.set(&piece, at);
                    at += piece.length();
                }
                // A file on a disk may be another one by now.
                let data = item.subarray(head.len() as u32, item.length());
                if f64::from(data.length()) != blob.size() || hash_bytes(&data) != digest {
                    return Err(changed());
                }
            }
        }
        Ok(item)
    }
}

/// The item of a head and bytes, with the digest of the bytes as they now are.
pub fn copy_behind(head: &[u8], bytes: &Uint8Array) -> Result<(Uint8Array, DataDigest)> {
    let item = new_item(head, bytes.length().into())?;
    let start = head.len() as u32;
    item.set(bytes, start);
    let digest = hash_bytes(&item.subarray(start, item.length()));
    Ok((item, digest))
}

/// The digest of bytes that JavaScript holds.
pub fn hash_bytes(bytes: &Uint8Array) -> DataDigest {
    if bytes.length() >= NODE_WORTHWHILE
        && let Some(sha384) = node_sha384(bytes)
    {
        let length = bytes.length().into();
        return DataDigest { length, sha384 };
    }
    let mut hasher = DataHasher::default();
    hash_pieces(&mut hasher, bytes);
    hasher.finish()
}

/// A `Uint8Array` over the same memory, if the value is one (of any realm) or an `ArrayBuffer`.
pub fn bytes_from_js(value: &JsValue) -> Option<Uint8Array> {
    if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
        return Some(bytes.clone());
    }
    if !value.is_object() {
        return None;
    }
    let tag = String::from(tag_of(value));
    match tag.as_str() {
        "[object Uint8Array]" => {
            let number = |name| get(value, name).as_f64().unwrap_or_default() as u32;
            Some(Uint8Array::new_with_byte_offset_and_length(
                &get(value, "buffer"),
                number("byteOffset"),
                number("byteLength"),
            ))
        }
        "[object ArrayBuffer]" => Some(Uint8Array::new(value)),
        _ => None,
    }
}

/// `Object.prototype.toString`, which tells types apart across realms.
fn tag_of(value: &JsValue) -> js_sys::JsString {
    let object = Object::new();
    let to_string = method(&object, "toString");
    to_string
        .and_then(|to_string| to_string.call0(value).ok())
        .unwrap_or_default()
        .unchecked_into()
}

fn new_item(head: &[u8], length: u64) -> Result<Uint8Array> {
    let total = u32::try_from(head.len() as u64 + length)
        .ok()
        .filter(|total| *total <= i32::MAX as u32)
        .ok_or_else(|| Error::new(ErrorKind::BadArgument, "The data is too large: an item may have 2 GiB"))?;
    let item = Uint8Array::new_with_length(total);
    item.subarray(0, head.len() as u32).copy_from(head);
    Ok(item)
}

/// Node hashes in place, half as fast again as WebAssembly there. Browsers have nothing like it: `SubtleCrypto` is no
/// faster than this module, and makes a copy.
fn node_sha384(bytes: &Uint8Array) -> Option<Hash> {
    let process = get(&js_sys::global(), "process");
    let crypto = method(&process, "getBuiltinModule")?
        .call1(&process, &"node:crypto".into())
        .ok()?;
    let hash = method(&crypto, "createHash")?.call1(&crypto, &"sha384".into()).ok()?;
    method(&hash, "update")?.call1(&hash, bytes).ok()?;
    let digest = method(&hash, "digest")?.call0(&hash).ok()?;
    digest.dyn_into::<Uint8Array>().ok()?.to_vec().try_into().ok()
}

fn hash_pieces(hasher: &mut DataHasher, bytes: &Uint8Array) {
    let mut buffer = vec![0; bytes.length().min(PIECE) as usize];
    let mut start = 0;
    while start < bytes.length() {
        let end = bytes.length().min(start + PIECE);
        let piece = &mut buffer[..(end - start) as usize];
        bytes.subarray(start, end).copy_to(piece);
        hasher.update(piece);
        start = end;
    }
}

/// Gives the text in pieces of UTF-8. Half a surrogate pair at the end of a piece would become two replacement characters,
/// so a pair is never cut.
fn for_each_piece(text: &JsString, mut use_piece: impl FnMut(&str)) {
    let length = text.length();
    let mut start = 0;
    while start < length {
        let mut end = length.min(start + PIECE);
        if end < length && (0xD800..0xDC00).contains(&(text.char_code_at(end - 1) as u32)) {
            end -= 1;
        }
        use_piece(&String::from(text.substring(start, end)));
        start = end;
    }
}

async fn read_blob(blob: &Blob, start: f64, end: f64) -> Result<Uint8Array> {
    let unreadable = |thrown: JsValue| {
        Error::new(
            ErrorKind::BadArgument,
            format!("The Blob cannot be read: {}", message_of(&thrown)),
        )
        .with_source(Thrown(thrown))
    };
    let piece = blob.slice_with_f64_and_f64(start, end).map_err(unreadable)?;
    let buffer = piece.array_buffer().await.map_err(unreadable)?;
    let bytes = Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>());
    match f64::from(bytes.length()) == end - start {
        true => Ok(bytes),
        false => Err(changed()),
    }
}

fn changed() -> Error {
    let message =
        "The Blob changed while it was read, so nothing was sent. Keep its file as it is until the call is done";
    Error::new(ErrorKind::BadArgument, message)
}
