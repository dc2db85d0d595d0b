//! Signs data items with a signer that is a function.

use std::rc::Rc;

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::parsed_head::check;
use super::signer::{FunctionSigner, Signable, misuse, not_created, public_key_of, to_bytes};
use super::verified_item::verified;
use crate::ans104::{DataDigest, Draft, Head, SignatureType};
use crate::error::Result;
use crate::signer::{SignedItem, Signer, compare};
use crate::web::{Hash, JsData, SigningKey, copy_behind, get, set};

/// An item that is to be signed.
struct Item {
    draft: Draft,
    data: JsData,
}

/// What `create` was called for.
enum ItemRequest {
    /// The fields of the item, which has this data.
    Fields(DataDigest),
    /// The bytes to sign.
    Signature(Unsigned),
}

/// An item that lacks only its signature.
struct Unsigned {
    head: Head,
    digest: DataDigest,
    /// The item's bytes, where they were made before the signer was called.
    raw: Option<Uint8Array>,
}

impl Signer for FunctionSigner {
    type Data = JsData;
    type Item = Uint8Array;

    async fn sign(&self, draft: Draft, data: JsData) -> Result<SignedItem<Uint8Array>> {
        let item = Item { draft, data };
        let (signed, changes) = match self.own_key(Hash::Sha256).await? {
            Some(key) => (sign_with(&key, &item).await?, None),
            None => self.sign_item(item).await?,
        };
        self.signed(signed.id, changes);
        Ok(signed)
    }
}

/// The signature of a key of our own needs no verification.
async fn sign_with(key: &SigningKey, item: &Item) -> Result<SignedItem<Uint8Array>> {
    let head = item.draft.head(SignatureType::Arweave, key.public())?;
    let mut unsigned = item.unsigned(head).await?;
    let signature = key.sign(&unsigned.hash()).await?;
    unsigned.head.set_signature(&signature)?;
    unsigned.into_signed(&item.data).await
}

impl FunctionSigner {
    /// Calls the function. Returns the item, and the changes of a wallet that made it.
    async fn sign_item(&self, item: Item) -> Result<(SignedItem<Uint8Array>, Option<String>)> {
        let item = Rc::new(item);
        let (result, request) = self.call(&item).await?;
        let raw = get(&result, "raw");
        if !raw.is_falsy() {
            let raw = to_bytes(&raw)?.ok_or_else(|| misuse("signer must return raw as a Uint8Array or ArrayBuffer"))?;
            let expected = match &request {
                Some(ItemRequest::Fields(data)) => *data,
                Some(ItemRequest::Signature(unsigned)) => unsigned.digest,
                // The older form. Data that changed meanwhile differs from that of the item.
                None => item.data.digest().await?,
            };
            let (signed, head, data) = verified(&raw).await?;
            let id = get(&result, "id").as_string();
            if id.is_some_and(|id| id != signed.id.to_string()) {
                return Err(misuse("signer must return the id of the item that it returns"));
            }
            let changes = compare(&item.draft, expected, &head, data)?;
            return Ok((signed, changes));
        }
        let signature = get(&result, "signature");
        let request = request.ok_or_else(not_created)?;
        let (false, ItemRequest::Signature(mut unsigned)) = (signature.is_falsy(), request) else {
            return Err(misuse("signer must return its signature and address"));
        };
        let signature = to_bytes(&signature)?.ok_or_else(|| {
            misuse("Unexpected type. Value must be one of Uint8Array, ArrayBuffer, or base64url-encoded string")
        })?;
        unsigned.head.set_signature(&signature.to_vec()?)?;
        check(&unsigned.head, unsigned.digest).await?;
        Ok((unsigned.into_signed(&item.data).await?, None))
    }
}

impl Signable for Item {
    const KIND: &'static str = "ans104";
    type Request = ItemRequest;

    async fn create(&self, fields: &JsValue) -> Result<(JsValue, ItemRequest)> {
        if !get(fields, "passthrough").is_falsy() {
            let data = self.data.to_plain().await?;
            // Computed before the wallet gets the bytes, because it may transfer them.
            let request = ItemRequest::Fields(data.plain_digest()?);
            let fields = Object::new();
            set(&fields, "data", data);
            set_fields(&fields, &self.draft);
            return Ok((fields.into(), request));
        }
        let public_key = public_key_of(fields)?;
        let number = match get(fields, "type") {
            value if value.is_undefined() => 1.0,
            value => value.as_f64().unwrap_or_default(),
        };
        let signature_type = SignatureType::from_number(number as u16)?;
        let unsigned = self.unsigned(self.draft.head(signature_type, &public_key)?).await?;
        let hash = Uint8Array::from(&unsigned.hash()[..]);
        Ok((hash.into(), ItemRequest::Signature(unsigned)))
    }

    fn describe(&self, create: &JsValue) {
        set(create, "data", self.data.clone());
        set_fields(create, &self.draft);
    }
}

impl Item {
    /// Bytes belong to the caller, and may change while a wallet waits for its user's consent. So they are copied to where they
    /// will be sent from, and the copy is hashed.
    async fn unsigned(&self, head: Head) -> Result<Unsigned> {
        let (digest, raw) = match &self.data {
            JsData::Bytes(bytes) => {
                let (raw, digest) = copy_behind(head.as_bytes(), bytes)?;
                (digest, Some(raw))
            }
            JsData::Text(_) | JsData::Blob(_) => (self.data.digest().await?, None),
        };
        Ok(Unsigned { head, digest, raw })
    }
}

impl Unsigned {
    /// The bytes to sign.
    fn hash(&self) -> [u8; 48] {
        self.head.deep_hash(self.digest)
    }

    /// The whole item, once its head has the signature.
    async fn into_signed(self, data: &JsData) -> Result<SignedItem<Uint8Array>> {
        let Self { head, digest, raw } = self;
        let raw = match raw {
            None => data.behind(head.as_bytes(), digest).await?,
            Some(raw) => {
                raw.subarray(0, head.as_bytes().len() as u32).copy_from(head.as_bytes());
                raw
            }
        };
        Ok(SignedItem { id: head.id(), raw })
    }
}

/// Sets the item's fields, in the form of arbundles, but not its data.
fn set_fields(fields: &JsValue, draft: &Draft) {
    let tags = Array::new();
    for tag in &draft.tags {
        let entry = Object::new();
        set(&entry, "name", String::from_utf8_lossy(&tag.name).as_ref());
        set(&entry, "value", String::from_utf8_lossy(&tag.value).as_ref());
        tags.push(&entry);
    }
    set(fields, "tags", tags.unchecked_into::<JsValue>());
    if let Some(target) = &draft.target {
        set(fields, "target", target.to_string());
    }
    if let Some(anchor) = &draft.anchor {
        set(fields, "anchor", String::from_utf8_lossy(anchor).as_ref());
    }
}
