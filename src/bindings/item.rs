//! `aoxide/ans104`: data items and the deep hash.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::Arguments;
use super::parsed_head::{fields_of, read_anchor, verification_to_js};
use super::type_of;
use super::verified_item::read_head;
use crate::ans104::{self, Chunk, DataDigest, Draft, Head, Parsed, Problem};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::signer::Signer;
use crate::web::{JsBytes, JsData, check_head, hash_bytes};

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
        fields_of(&self.head)
    }

    /// `{ valid, problems: [{ code, message }] }`
    pub async fn verify(&self, strict: bool) -> std::result::Result<JsValue, JsValue> {
        let head_length = self.head.as_bytes().len() as u32;
        let raw = self.raw.view()?;
        let digest = hash_bytes(&raw.subarray(head_length, raw.length()));
        let check = check_head(&self.head, digest).await?;
        Ok(verification_to_js(check.verification(&self.problems, strict)))
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
