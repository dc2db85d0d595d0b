//! Data items, read and verified where JavaScript keeps them.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::Arguments;
use super::type_of;
use crate::ans104::{self, Chunk, DataDigest, Draft, Head, Parsed, Problem, SignatureType, Verification};
use crate::arweave::{Id, to_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::signer::{Signed, Signer};
use crate::web::{JsBytes, JsData, hash_bytes, made_here, set, verify_pss};

/// How much of an item is looked at first; the head of almost every item fits.
const FIRST_LOOK: u32 = 4096;

/// Deepest list that `deepHash` takes.
const MAX_DEPTH: usize = 64;

/// An item that was read. The bytes stay with JavaScript.
#[wasm_bindgen]
pub struct ParsedItem {
    head: Head,
    problems: Vec<Problem>,
    raw: JsBytes,
}

#[wasm_bindgen]
impl ParsedItem {
    /// Reads the head of an item.
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
        let matches = signature_matches(&self.head, digest).await?;
        let Verification { valid, problems } = Verification::new(self.problems.clone(), matches, strict);
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
    // An item of one's own may well be empty; only messages need something in them.
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

/// Reads and verifies an item, leniently: what its signer signed is what is sent on. It is copied first, since the bytes are
/// the caller's, and may change or be gone before the last try to send them.
///
/// # Errors
/// `BadArgument`, `BadItem`, `Unsupported`, `BadSignature`.
pub async fn verified(raw: &JsBytes) -> Result<(Signed<Uint8Array>, Head, DataDigest)> {
    let raw = raw.copy()?;
    let Parsed { head, .. } = read_head(&raw)?;
    let digest = hash_bytes(&raw.subarray(head.as_bytes().len() as u32, raw.length()));
    check(&head, digest).await?;
    Ok((Signed { id: head.id(), raw }, head, digest))
}

/// # Errors
/// `BadSignature`.
pub async fn check(head: &Head, digest: DataDigest) -> Result<()> {
    if made_here(head.owner(), &head.deep_hash(digest), head.signature()) || signature_matches(head, digest).await? {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::BadSignature,
        "Data Item signature is not valid: the signature does not belong to the item. Nothing was sent",
    ))
}

async fn signature_matches(head: &Head, digest: DataDigest) -> Result<bool> {
    let hash = head.deep_hash(digest);
    match head.signature_type() {
        SignatureType::Arweave => verify_pss(head.owner(), &hash, head.signature()).await,
    }
}

fn read_head(raw: &Uint8Array) -> Result<Parsed> {
    let mut length = FIRST_LOOK;
    while length < raw.length() {
        let prefix = raw.subarray(0, length).to_vec();
        let needed = Head::length_within(&prefix)?;
        if needed <= prefix.len() {
            return Head::parse(&prefix);
        }
        length = u32::try_from(needed).unwrap_or(u32::MAX);
    }
    Head::parse(&raw.to_vec())
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
    if depth > MAX_DEPTH {
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
