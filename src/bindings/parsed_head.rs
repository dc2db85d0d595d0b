//! The heads of data items as JavaScript gives and gets them.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::arguments::Arguments;
use crate::ans104::{DataDigest, Head, Verification};
use crate::arweave::{Id, to_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::web::{JsData, check_head, set};

/// Everything but the data: `{ id, signatureType, signature, owner, address, target, anchor, rawTags, dataStart }`.
pub fn fields_of(head: &Head) -> JsValue {
    let fields = Object::new();
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
pub fn verification_to_js(Verification { valid, problems }: Verification) -> JsValue {
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
    verification.into()
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

/// Verifies the signature of an item.
///
/// # Errors
/// `BadSignature`.
pub async fn check(head: &Head, digest: DataDigest) -> Result<()> {
    if check_head(head, digest).await?.matches {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::BadSignature,
        "Data Item signature is not valid: the signature does not belong to the item. Nothing was sent",
    ))
}
