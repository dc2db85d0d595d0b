//! The data of a message, in JavaScript's memory. It is hashed in pieces, and copied once: into the item that is sent.

use js_sys::{JsString, Object, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::global::node_digest;
use super::{Thrown, get, message_of, method};
use crate::ans104::{DataDigest, DataHasher, Hash};
use crate::error::{Error, ErrorKind, Result};

/// Bytes hashed at a time: enough to make the calls into JavaScript cheap, few enough for the processor's cache.
const HASH_PIECE: u32 = 64 * 1024;
/// Bytes of a `Blob` read at a time.
const BLOB_PIECE: u32 = 1024 * 1024;

/// Bytes from which on hashing in Node.js is faster.
const NODE_WORTHWHILE: u32 = 16 * 1024;

/// Data as the caller gave it.
#[derive(Clone)]
pub enum JsData {
    Text(JsString),
    Bytes(JsBytes),
    Blob(Blob),
}

impl From<&'static str> for JsData {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl JsData {
    /// Takes text, bytes or a `Blob`. Returns any other value as the error, and so bytes that cannot be read.
    pub fn from_js(value: JsValue) -> std::result::Result<Self, JsValue> {
        if let Some(text) = value.dyn_ref::<JsString>() {
            return Ok(Self::Text(text.clone()));
        }
        if let Some(bytes) = JsBytes::from_js(&value) {
            return Ok(Self::Bytes(bytes));
        }
        value.dyn_into::<Blob>().map(Self::Blob)
    }

    /// Converts the data to what browser wallets and other libraries take: text, or a copy of the bytes. Reads a `Blob` whole.
    pub async fn to_plain(&self) -> Result<Self> {
        Ok(match self {
            Self::Text(text) => Self::Text(text.clone()),
            Self::Bytes(bytes) => Self::Bytes(JsBytes::own(bytes.copy()?)),
            Self::Blob(blob) => Self::Bytes(JsBytes::own(read_blob(blob, 0.0, blob.size()).await?)),
        })
    }

    /// Copies small data into this module's memory. `None` for a `Blob`, which can only be read asynchronously.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(String::from(text).into_bytes()),
            Self::Bytes(bytes) => bytes.to_vec().ok(),
            Self::Blob(_) => None,
        }
    }

    /// Hashes the data without a copy of it.
    pub async fn digest(&self) -> Result<DataDigest> {
        let Self::Blob(blob) = self else {
            return self.plain_digest();
        };
        let mut hasher = DataHasher::default();
        let mut start = 0.0;
        while start < blob.size() {
            let end = blob.size().min(start + f64::from(BLOB_PIECE));
            hash_pieces(&mut hasher, &read_blob(blob, start, end).await?);
            start = end;
        }
        Ok(hasher.finish())
    }

    /// Hashes what [`Self::to_plain`] returned, without waiting.
    pub fn plain_digest(&self) -> Result<DataDigest> {
        let mut hasher = DataHasher::default();
        match self {
            Self::Bytes(bytes) => return Ok(hash_bytes(bytes.view()?)),
            Self::Text(text) => for_each_piece(text, |piece| hasher.update(piece.as_bytes())),
            Self::Blob(_) => {}
        }
        Ok(hasher.finish())
    }

    /// Makes the item: the head, and the data behind it. Fails if a `Blob` is no longer what was hashed.
    pub async fn behind(&self, head: &[u8], digest: DataDigest) -> Result<Uint8Array> {
        let item = new_item(head, digest.length)?;
        let mut at = head.len() as u32;
        match self {
            Self::Text(text) => for_each_piece(text, |piece| {
                let end = at + piece.len() as u32;
                item.subarray(at, end).copy_from(piece.as_bytes());
                at = end;
            }),
            Self::Bytes(bytes) => item.set(bytes.view()?, at),
            Self::Blob(blob) => {
                while at < item.length() {
                    let start = f64::from(at) - head.len() as f64;
                    let end = f64::from(item.length() - at).min(f64::from(BLOB_PIECE)) + start;
                    let piece = read_blob(blob, start, end).await?;
                    item.set(&piece, at);
                    at += piece.length();
                }
                // The file of a `Blob` may have changed since it was hashed.
                let data = item.subarray(head.len() as u32, item.length());
                if f64::from(data.length()) != blob.size() || hash_bytes(&data) != digest {
                    return Err(changed());
                }
            }
        }
        Ok(item)
    }
}

impl From<JsData> for JsValue {
    fn from(data: JsData) -> Self {
        match data {
            JsData::Text(text) => text.into(),
            JsData::Bytes(bytes) => bytes.view.into(),
            JsData::Blob(blob) => blob.into(),
        }
    }
}

/// Bytes of the caller: a view of a fixed length. The caller owns the buffer and may transfer or shrink it at any time; memory
/// of another WebAssembly module may grow. Reading such a buffer throws, and an exception from an import without `catch` ends
/// this module. So every read goes through [`JsBytes::view`].
#[derive(Clone)]
pub struct JsBytes {
    view: Uint8Array,
    length: u32,
}

impl JsBytes {
    /// Takes bytes in a buffer that no other code holds.
    pub fn own(view: Uint8Array) -> Self {
        Self {
            length: view.length(),
            view,
        }
    }

    /// The bytes of a `Uint8Array` (of any realm) or an `ArrayBuffer`, if it is one, and can be read.
    pub fn from_js(value: &JsValue) -> Option<Self> {
        let number = |name| get(value, name).as_f64().unwrap_or_default();
        let length = number("byteLength");
        let (buffer, start) = match kind_of(value)? {
            Kind::View => (get(value, "buffer"), number("byteOffset")),
            Kind::Buffer => (value.clone(), 0.0),
        };
        // A view that ends behind its buffer reports no bytes. Reading its first byte throws.
        if length == 0.0 && method(value, "at").is_some_and(|at| at.call1(value, &0.into()).is_err()) {
            return None;
        }
        // Lengths have 32 bits here, and no item is as long as that.
        let view = View::new(&buffer, start, length.min(u32::MAX.into())).ok()?;
        Some(match length == 0.0 {
            // Of a buffer that may be gone when it is copied.
            true => Self::own(Uint8Array::new_with_length(0)),
            false => Self::own(view.unchecked_into()),
        })
    }

    /// Returns the bytes. Read them before other code runs, which could transfer their buffer.
    ///
    /// # Errors
    /// `BadArgument` when the buffer is gone.
    pub fn view(&self) -> Result<&Uint8Array> {
        match self.view.length() == self.length {
            true => Ok(&self.view),
            false => Err(Error::new(ErrorKind::BadArgument, format!("Received {GONE}"))),
        }
    }

    /// # Errors
    /// `BadArgument` when the buffer is gone.
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        Ok(self.view()?.to_vec())
    }

    /// Copies the bytes into a buffer that no other code holds.
    ///
    /// # Errors
    /// `BadArgument` when the buffer is gone.
    pub fn copy(&self) -> Result<Uint8Array> {
        let copy = allocate(self.length)?;
        copy.set(self.view()?, 0);
        Ok(copy)
    }
}

/// How error messages describe bytes that cannot be read.
const GONE: &str = "bytes whose buffer was transferred or resized. Give a copy of them";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Uint8Array)]
    type View;

    /// Throws where the buffer is gone, or ends too early.
    #[wasm_bindgen(constructor, catch, js_class = "Uint8Array")]
    fn new(buffer: &JsValue, start: f64, length: f64) -> std::result::Result<View, JsValue>;
}

/// The reason why a buffer or a view cannot be read. `None` for readable bytes, and for other values.
pub fn unreadable(value: &JsValue) -> Option<&'static str> {
    (kind_of(value).is_some() && JsBytes::from_js(value).is_none()).then_some(GONE)
}

/// Makes the item of a head and bytes. Returns it with the digest of the bytes that it holds.
pub fn copy_behind(head: &[u8], bytes: &JsBytes) -> Result<(Uint8Array, DataDigest)> {
    let item = new_item(head, bytes.length.into())?;
    let start = head.len() as u32;
    item.set(bytes.view()?, start);
    let digest = hash_bytes(&item.subarray(start, item.length()));
    Ok((item, digest))
}

/// Hashes bytes in JavaScript's memory. They must be readable: this crate's own, or those of [`JsBytes::view`].
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

/// The kinds of values that hold bytes.
enum Kind {
    View,
    Buffer,
}

fn kind_of(value: &JsValue) -> Option<Kind> {
    if value.has_type::<Uint8Array>() {
        return Some(Kind::View);
    }
    if !value.is_object() {
        return None;
    }
    match String::from(tag_of(value)).as_str() {
        "[object Uint8Array]" => Some(Kind::View),
        "[object ArrayBuffer]" => Some(Kind::Buffer),
        _ => None,
    }
}

/// `Object.prototype.toString`, which distinguishes types across realms.
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
    let item = allocate(total)?;
    item.subarray(0, head.len() as u32).copy_from(head);
    Ok(item)
}

fn allocate(length: u32) -> Result<Uint8Array> {
    let made = View::new(&length.into(), 0.0, 0.0);
    made.map(JsCast::unchecked_into).map_err(|thrown| {
        let message = format!("There is no memory for {length} bytes: {}", message_of(&thrown));
        Error::new(ErrorKind::BadArgument, message).with_source(Thrown(thrown))
    })
}

/// Hashes in Node.js, without a copy, 1.5 times as fast as in WebAssembly. Browsers have no equivalent: `SubtleCrypto` is no
/// faster than this module, and makes a copy.
fn node_sha384(bytes: &Uint8Array) -> Option<Hash> {
    node_digest("sha384", bytes)?.to_vec().try_into().ok()
}

fn hash_pieces(hasher: &mut DataHasher, bytes: &Uint8Array) {
    let mut buffer = vec![0; bytes.length().min(HASH_PIECE) as usize];
    let mut start = 0;
    while start < bytes.length() {
        let end = bytes.length().min(start + HASH_PIECE);
        let piece = &mut buffer[..(end - start) as usize];
        bytes.subarray(start, end).copy_to(piece);
        hasher.update(piece);
        start = end;
    }
}

/// Calls a function with the text in pieces of UTF-8. A surrogate pair is never cut: each half would become a replacement
/// character.
fn for_each_piece(text: &JsString, mut use_piece: impl FnMut(&str)) {
    let length = text.length();
    let mut start = 0;
    while start < length {
        let mut end = length.min(start + HASH_PIECE);
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
    let bytes = JsBytes::from_js(&buffer).ok_or_else(|| unreadable(GONE.into()))?.view;
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
