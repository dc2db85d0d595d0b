//! `Bundle` and `StoredItem` of `aoxide/ans104`: headers of bundles, and items whose data stays in JavaScript's hands.

use std::rc::Rc;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::arguments::Arguments;
use super::parsed_head::{check, fields_of, read_anchor, verification_to_js};
use super::signer::{FunctionSigner, Signable, misuse, not_created, public_key_of, to_bytes};
use crate::ans104::{Bundle, BundleHeader, DataDigest, DataHasher, Draft, Head, Parsed, SignatureType};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::web::{Hash, check_head, get};

type JsResult<T> = std::result::Result<T, JsValue>;

/// Characters of an id.
const ID: usize = 43;

/// How many bytes of a bundle are its header.
#[wasm_bindgen(js_name = bundleHeaderLength)]
pub fn bundle_header_length(start: &[u8], total: f64) -> JsResult<f64> {
    Ok(BundleHeader::length_within(start, total as u64)? as f64)
}

/// Reads the header of a bundle. Returns where each item ends. An item begins where the one before it ends, and the first behind
/// the header. JavaScript reads the ids itself, when it needs them.
#[wasm_bindgen(js_name = readBundleHeader)]
pub fn read_bundle_header(header: &[u8], total: f64) -> JsResult<Vec<f64>> {
    let parsed = BundleHeader::parse(header, total as u64)?;
    let ends = parsed.entries().iter().map(|entry| entry.range.end as f64);
    Ok(ends.collect())
}

/// Writes the header of a bundle. `ids` are one text.
#[wasm_bindgen(js_name = writeBundleHeader)]
pub fn write_bundle_header(ids: &str, sizes: &[f64]) -> JsResult<Vec<u8>> {
    let mut entries = Vec::with_capacity(sizes.len());
    for (index, size) in sizes.iter().enumerate() {
        let id = ids.get(index * ID..(index + 1) * ID).unwrap_or_default();
        entries.push((Id::parse(id, "Item")?, *size as u64));
    }
    Ok(BundleHeader::new(entries.into_iter())?.to_bytes())
}

/// How many bytes of an item are needed for its head, given the first of them.
#[wasm_bindgen(js_name = headLength)]
pub fn head_length(prefix: &[u8]) -> JsResult<f64> {
    Ok(Head::length_within(prefix)? as f64)
}

/// The fields of an item, and `isBundle`. `index` and `id`, of 32 bytes, are those of the bundle's header, for an item of a
/// bundle.
#[wasm_bindgen(js_name = readHead)]
pub fn read_head(head: &[u8], index: Option<u32>, id: Option<Vec<u8>>) -> JsResult<JsValue> {
    let Parsed { head, .. } = Head::parse(head)?;
    if let (Some(index), Some(id)) = (index, id) {
        let id = id.try_into().ok().map(Id::from_bytes);
        BundleHeader::check_id(index as usize, id, &head)?;
    }
    let fields = fields_of(&head);
    let is_bundle = Bundle::is_announced_by(head.tags());
    Reflect::set(&fields, &"isBundle".into(), &is_bundle.into())?;
    Ok(fields)
}

/// `{ valid, problems }` of an item, given the digest of its data.
#[wasm_bindgen(js_name = verifyHead)]
pub async fn verify_head(head: Vec<u8>, length: f64, sha384: Vec<u8>, strict: bool) -> JsResult<JsValue> {
    let Parsed { head, problems } = Head::parse(&head)?;
    let check = check_head(&head, digest(length, &sha384)?).await?;
    Ok(verification_to_js(check.verification(&problems, strict)))
}

/// Signs an item of `{ target, anchor, tags }`, given the digest of its data. `options` are `{ signer, onSigned }`. Returns
/// everything but the data.
#[wasm_bindgen(js_name = signHead)]
pub async fn sign_head(fields: JsValue, options: JsValue, length: f64, sha384: Vec<u8>) -> JsResult<Uint8Array> {
    let digest = digest(length, &sha384)?;
    let mut options = Arguments::new(options, "");
    let signer = options.signer();
    options.finish()?;
    let draft = read_draft(fields)?;
    let head = match signer.own_key(Hash::Sha256).await? {
        Some(key) => {
            let mut head = draft.head(SignatureType::Arweave, key.public())?;
            head.set_signature(&key.sign(&head.deep_hash(digest)).await?)?;
            head
        }
        None => called(&signer, DigestedItem { draft, digest }).await?,
    };
    signer.signed(head.id(), None);
    Ok(Uint8Array::from(head.as_bytes()))
}

/// Checks the fields before the data is read.
#[wasm_bindgen(js_name = checkFields)]
pub fn check_fields(fields: JsValue) -> JsResult<()> {
    read_draft(fields)?;
    Ok(())
}

fn read_draft(fields: JsValue) -> Result<Draft> {
    let mut input = Arguments::new(fields, "");
    let target = input.optional_text("target").filter(|target| !target.is_empty());
    let anchor = read_anchor(&mut input);
    let tags = input.tags();
    input.finish()?;
    let target = target.map(|target| Id::parse(&target, "Target")).transpose()?;
    let draft = Draft { target, anchor, tags };
    draft.check()?;
    Ok(draft)
}

/// An item to sign of whose data only the digest is here.
struct DigestedItem {
    draft: Draft,
    digest: DataDigest,
}

impl Signable for DigestedItem {
    const KIND: &'static str = "ans104";
    type Request = Head;

    async fn create(&self, fields: &JsValue) -> Result<(JsValue, Head)> {
        if !get(fields, "passthrough").is_falsy() {
            let message = "This wallet signs only items that it gets whole. Use DataItem.create for it";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let public_key = public_key_of(fields)?;
        let number = get(fields, "type").as_f64().unwrap_or(1.0);
        let signature_type = SignatureType::from_number(number as u16)?;
        let head = self.draft.head(signature_type, &public_key)?;
        let hash = Uint8Array::from(&head.deep_hash(self.digest)[..]);
        Ok((hash.into(), head))
    }
}

/// Calls a signer that is a function, and verifies what it returns.
async fn called(signer: &FunctionSigner, item: DigestedItem) -> Result<Head> {
    let digest = item.digest;
    let (result, head) = signer.call(&Rc::new(item)).await?;
    let mut head = head.ok_or_else(not_created)?;
    let signature = to_bytes(&get(&result, "signature"))?;
    let signature = signature.ok_or_else(|| misuse("signer must return its signature and address"))?;
    head.set_signature(&signature.to_vec()?)?;
    check(&head, digest).await?;
    Ok(head)
}

fn digest(length: f64, sha384: &[u8]) -> Result<DataDigest> {
    let sha384 = sha384
        .try_into()
        .map_err(|_| Error::new(ErrorKind::BadArgument, "A SHA-384 has 48 bytes"))?;
    let length = length as u64;
    Ok(DataDigest { length, sha384 })
}

/// SHA-384 of data that comes in pieces.
#[wasm_bindgen]
#[derive(Default)]
pub struct Sha384(DataHasher);

#[wasm_bindgen]
impl Sha384 {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Frees the hasher.
    pub fn digest(self) -> Vec<u8> {
        self.0.finish().sha384.to_vec()
    }
}
