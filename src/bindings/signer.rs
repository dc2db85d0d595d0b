//! Signers that are functions, by aoconnect's contract: `signer(create, kind)`.
//!
//! `create({ publicKey, type })` answers with the bytes to sign, and the signer returns `{ signature }`; or
//! `create({ passthrough: true })` answers with the item's fields, and the signer returns the whole item as `{ raw }`.
//! `create` answers with a promise, and tells of what is wrong by rejecting it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::futures::future_to_promise;
use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::item::{check, verified};
use super::signing::{misuse, public_key_of, refused, to_bytes};
use crate::ans104::{DataDigest, Draft, Head, SignatureType};
use crate::error::Result;
use crate::signer::{Signed, Signer, compare};
use crate::web::{JsData, Progress, copy_behind, get, set};

/// A signer that JavaScript gave us.
pub struct FunctionSigner {
    function: Function,
    /// Is told the id of what was signed, and `{ problems }` of how, before that is sent.
    on_signed: Option<Function>,
    progress: Progress,
}

impl FunctionSigner {
    pub fn new(function: Function) -> Self {
        Self {
            function,
            on_signed: None,
            progress: Progress::default(),
        }
    }

    /// The same signer, which tells a listener.
    pub fn telling(self, on_signed: Option<Function>, progress: Progress) -> Self {
        Self {
            on_signed,
            progress,
            ..self
        }
    }
}

/// What `create` was asked for last.
enum Asked {
    Nothing,
    /// The fields, of an item with this data.
    Fields(DataDigest),
    Item(Unsigned),
}

/// An item that waits for its signature.
struct Unsigned {
    head: Head,
    digest: DataDigest,
    /// The item's bytes, where they were made before the signer was asked.
    raw: Option<Uint8Array>,
}

/// Everything `create` needs, shared with the function that JavaScript calls.
struct Creation {
    draft: Draft,
    data: JsData,
    asked: RefCell<Asked>,
}

impl Signer for FunctionSigner {
    type Data = JsData;
    type Item = Uint8Array;

    async fn sign(&self, draft: Draft, data: JsData) -> Result<Signed<Uint8Array>> {
        let (signed, changes) = self.make(draft, data).await?;
        self.progress.signed(&signed.id.to_string());
        if let Some(listener) = &self.on_signed {
            let problems = Array::new();
            if let Some(changes) = changes {
                let problem = Object::new();
                set(&problem, "code", "TAGS_REWRITTEN");
                set(&problem, "message", changes);
                problems.push(&problem);
            }
            let how = Object::new();
            set(&how, "problems", problems.unchecked_into::<JsValue>());
            // What it throws is its own affair.
            let _ = listener.call2(&JsValue::UNDEFINED, &signed.id.to_string().into(), &how);
        }
        Ok(signed)
    }
}

impl FunctionSigner {
    /// The item, and what a wallet that made it has changed.
    async fn make(&self, draft: Draft, data: JsData) -> Result<(Signed<Uint8Array>, Option<String>)> {
        let creation = Rc::new(Creation {
            draft,
            data,
            asked: RefCell::new(Asked::Nothing),
        });
        let answer = self.call(&creation).await?;
        let asked = creation.asked.replace(Asked::Nothing);
        let asked_data = match &asked {
            Asked::Nothing => {
                return Err(misuse(
                    "create() must be invoked in order to construct the data to sign",
                ));
            }
            Asked::Fields(data) => *data,
            Asked::Item(unsigned) => unsigned.digest,
        };
        let raw = get(&answer, "raw");
        if !raw.is_falsy() {
            let raw = to_bytes(&raw)?.ok_or_else(|| misuse("signer must return raw as a Uint8Array or ArrayBuffer"))?;
            let (signed, head, data) = verified(&raw).await?;
            let changes = compare(&creation.draft, asked_data, &head, data)?;
            return Ok((signed, changes));
        }
        let signature = get(&answer, "signature");
        let (false, Asked::Item(unsigned)) = (signature.is_falsy(), asked) else {
            return Err(misuse("signer must return its signature and address"));
        };
        let signature = to_bytes(&signature)?.ok_or_else(|| {
            misuse("Unexpected type. Value must be one of Uint8Array, ArrayBuffer, or base64url-encoded string")
        })?;
        let Unsigned { mut head, digest, raw } = unsigned;
        head.set_signature(&signature.to_vec()?)?;
        check(&head, digest).await?;
        let raw = match raw {
            None => creation.data.behind(head.as_bytes(), digest).await?,
            Some(raw) => {
                raw.subarray(0, head.as_bytes().len() as u32).copy_from(head.as_bytes());
                raw
            }
        };
        Ok((Signed { id: head.id(), raw }, None))
    }

    async fn call(&self, creation: &Rc<Creation>) -> Result<JsValue> {
        let create = {
            let creation = creation.clone();
            Closure::<dyn FnMut(JsValue) -> Promise>::new(move |fields: JsValue| {
                let creation = creation.clone();
                future_to_promise(async move { Ok(creation.answer(&fields).await?) })
            })
        };
        let answer = match self
            .function
            .call2(&JsValue::UNDEFINED, create.as_ref(), &"ans104".into())
        {
            Ok(answer) => Promise::resolve(&answer).await,
            Err(thrown) => Err(thrown),
        };
        answer.map_err(refused)
    }
}

impl Creation {
    async fn answer(&self, fields: &JsValue) -> Result<JsValue> {
        if !get(fields, "passthrough").is_falsy() {
            let data = self.data.to_plain().await?;
            // Before the wallet has the bytes, which it may transfer elsewhere.
            self.asked.replace(Asked::Fields(data.plain_digest()?));
            return Ok(fields_of(&self.draft, data.into()));
        }
        let public_key = public_key_of(fields)?;
        let number = match get(fields, "type") {
            value if value.is_undefined() => 1.0,
            value => value.as_f64().unwrap_or_default(),
        };
        let head = self
            .draft
            .head(SignatureType::from_number(number as u16)?, &public_key)?;
        let unsigned = self.unsigned(head).await?;
        let hash = unsigned.head.deep_hash(unsigned.digest);
        self.asked.replace(Asked::Item(unsigned));
        Ok(Uint8Array::from(&hash[..]).into())
    }

    /// Bytes are the caller's, and may change while a wallet waits for its owner's consent; so they are copied to where
    /// they will be sent from, and it is the copy that is hashed.
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

/// The item's fields, in the form of arbundles.
fn fields_of(draft: &Draft, data: JsValue) -> JsValue {
    let fields = Object::new();
    set(&fields, "data", data);
    let tags = Array::new();
    for tag in &draft.tags {
        let entry = Object::new();
        set(&entry, "name", String::from_utf8_lossy(&tag.name).as_ref());
        set(&entry, "value", String::from_utf8_lossy(&tag.value).as_ref());
        tags.push(&entry);
    }
    set(&fields, "tags", tags.unchecked_into::<JsValue>());
    if let Some(target) = &draft.target {
        set(&fields, "target", target.to_string());
    }
    if let Some(anchor) = &draft.anchor {
        set(&fields, "anchor", String::from_utf8_lossy(anchor).as_ref());
    }
    fields.into()
}
