//! `aoxide/ans104`: data items and the deep hash.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::Arguments;
use super::type_of;
use super::verified_item::read_head;
use crate::ans104::{self, Chunk, DataDigest, Draft, Head, Parsed, Problem, Verification};
use crate::arweave::{Id, to_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::signer::Signer;
use crate::web::{JsBytes, JsData, check_head, hash_bytes, set};

/// Most levels of lists that `deepHash` takes.
const MAX_DEEP_HASH_DEPTH: usize = 64;

/// A parsed item. Its bytes stay in JavaScript's memory.
#[wasm_bindgen]
pub struct ParsedItem {
    head: Head,
    problems: Vec<Problem>,
    raw: JsBytes,
}

#[wasm_bindgen]
impl ParsedItem {
    /// Parses the head of an item.
    #[wasm_bindgen(constructor)]
    pub fn new(raw: JsValue) -> std::result::Result<ParsedItem, JsValue> {
        let raw = bytes(raw)?;
        let Parsed { head, problems } = read_head(raw.view()?)?;
        Ok(Self { head, problems, raw })
    }

    /// Everything but the data: `{ id, signatureType, signature, owner, address, target, anchor, rawTags, dataStart }`.
    pub fn fields(&self) -> JsValue {
        let fields = Object::new();
        let head = &self.head;
        set(&fields, "id", head.id().to_string());
        set(&fields, "signatureType", head.signature_type().number());
        set(&fields, "signature", to_base64url(head.signature()));
        set(&fields, "owner", to_base64url(head.owner()));
        set(&fields, "address", Id::of(head.owner()).to_string());
        set(&fields, "target", to_base64url(head.target()));
        set(&fields, "anchor", Uint8Array::from(head.anchor()));
        let tags = Array::new();
        for tag in head.tags() {
            let entry = Object::new();
            set(&entry, "name", Uint8Array::from(&tag.name[..]));
            set(&entry, "value", Uint8Array::from(&tag.value[..]));
            tags.push(&entry);
        }
        set(&fields, "rawTags", tags.unchecked_into::<JsValue>());
        set(&fields, "dataStart", head.as_bytes().len() as u32);
        fields.into()
    }

    /// `{ valid, problems: [{ code, message }] }`
    pub async fn verify(&self, strict: bool) -> std::result::Result<JsValue, JsValue> {
        let head_length = self.head.as_bytes().len() as u32;
        let raw = self.raw.view()?;
        let digest = hash_bytes(&raw.subarray(head_length, raw.length()));
        let check = check_head(&self.head, digest).await?;
        let Verification { valid, problems } = check.verification(&self.problems, strict);
        let list = Array::new();
        for problem in problems {
            let entry = Object::new();
            set(&entry, "code", problem.code());
            set(&entry, "message", problem.to_string());
            list.push(&entry);
        }
        let verification = Object::new();
        set(&verification, "valid", valid);
        set(&verification, "problems", list.unchecked_into::<JsValue>());
        Ok(verification.into())
    }
}

/// Signs an item of `{ data, target, anchor, tags }`. `options` are `{ signer, onSigned }`. Returns its bytes.
#[wasm_bindgen(js_name = signItem)]
pub async fn sign_item(fields: JsValue, options: JsValue) -> std::result::Result<Uint8Array, JsValue> {
    let mut options = Arguments::new(options, "");
    let signer = options.signer();
    options.finish()?;

    let mut input = Arguments::new(fields, "");
    let target = input.optional_text("target").filter(|target| !target.is_empty());
    let anchor = read_anchor(&mut input);
    let tags = input.tags();
    // Unlike a message, an item may be empty.
    let data = input.data().unwrap_or_else(|| "".into());
    input.finish()?;
    let target = target.map(|target| Id::parse(&target, "Target")).transpose()?;
    let draft = Draft { target, anchor, tags };
    draft.check()?;
    Ok(signer.sign(draft, data).await?.raw)
}

/// The deep hash of bytes, text, and lists of these.
#[wasm_bindgen(js_name = deepHash)]
pub fn deep_hash(chunk: JsValue) -> std::result::Result<Uint8Array, JsValue> {
    let hash = ans104::deep_hash(&read_chunk(chunk, 0)?);
    Ok(Uint8Array::from(&hash[..]))
}

pub fn read_anchor(input: &mut Arguments) -> Option<Vec<u8>> {
    match JsData::from_js(input.get("anchor")) {
        Ok(JsData::Bytes(bytes)) => bytes.to_vec().ok().filter(|bytes| !bytes.is_empty()),
        _ => input
            .optional_text("anchor")
            .filter(|text| !text.is_empty())
            .map(String::into_bytes),
    }
}

fn read_chunk(value: JsValue, depth: usize) -> Result<Chunk<'static>> {
    let unfit = |message| Err(Error::new(ErrorKind::BadArgument, message));
    if depth > MAX_DEEP_HASH_DEPTH {
        return unfit("deepHash takes lists nested up to 64 deep");
    }
    if let Some(list) = value.dyn_ref::<Array>() {
        let chunks = list.iter().map(|entry| read_chunk(entry, depth + 1));
        return Ok(Chunk::List(chunks.collect::<Result<_>>()?));
    }
    match JsData::from_js(value) {
        Ok(JsData::Bytes(bytes)) => Ok(Chunk::Hashed(hash_bytes(bytes.view()?))),
        Ok(JsData::Text(text)) => Ok(Chunk::Hashed(DataDigest::of(String::from(text).as_bytes()))),
        _ => unfit("deepHash takes text, Uint8Array, and lists of these"),
    }
}

fn bytes(value: JsValue) -> Result<JsBytes> {
    JsBytes::from_js(&value).ok_or_else(|| {
        let message = format!(
            "An item is given as a Uint8Array or ArrayBuffer, received {}",
            type_of(&value)
        );
        Error::new(ErrorKind::BadArgument, message)
    })
}
