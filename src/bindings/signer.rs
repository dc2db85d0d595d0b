//! Signers that are functions, by aoconnect's contract: `signer(create, kind)`.
//!
//! For `create({ publicKey, type })` the module returns the bytes to sign, and the signer returns `{ signature }`. For
//! `create({ passthrough: true })` it returns the item's fields, and the signer returns the whole item as `{ raw }`. `create`
//! returns a promise, which rejects with the error of an item that cannot be made. Signers of the older form,
//! `({ data, tags, target, anchor }) => ({ id, raw })`, do not call `create`. They read the fields from it.
//!
//! A signer that the package made from a key is not called at all: its key signs here.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::futures::future_to_promise;
use js_sys::{Function, Object, Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use super::error::to_js;
use crate::arweave::{Id, from_base64url};
use crate::error::{Error, ErrorKind, Result};
#[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
use crate::web::Progress;
use crate::web::{Hash, JsBytes, SigningKey, Thrown, get, jwk_from_js, message_of, set, unreadable};

/// A signer that JavaScript passed.
pub struct FunctionSigner {
    function: Function,
    /// Called with the id of an item, and with `{ problems }`, before it is sent.
    #[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
    pub(super) on_signed: Option<Function>,
    #[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
    pub(super) progress: Progress,
}

/// What can be signed: a data item or an HTTP message.
pub(super) trait Signable: 'static {
    /// aoconnect's name for it.
    const KIND: &'static str;
    /// What `create` was called for, which the signature has to fit.
    type Request: 'static;

    /// What `create` returns for these fields.
    async fn create(&self, fields: &JsValue) -> Result<(JsValue, Self::Request)>;

    /// Sets the fields that signers of the older form read from `create`.
    fn describe(&self, _create: &JsValue) {}
}

impl FunctionSigner {
    pub fn new(function: Function) -> Self {
        Self {
            function,
            #[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
            on_signed: None,
            #[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
            progress: Progress::default(),
        }
    }

    /// The same signer, which also reports to a listener.
    #[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
    pub fn telling(self, on_signed: Option<Function>, progress: Progress) -> Self {
        Self {
            on_signed,
            progress,
            ..self
        }
    }

    /// Reports a signed item, and the changes of a wallet that made it.
    #[cfg(any(feature = "client-bindings", feature = "bundle-bindings"))]
    pub(super) fn signed(&self, id: Id, changes: Option<String>) {
        let id = id.to_string();
        self.progress.signed(&id);
        let Some(listener) = &self.on_signed else { return };
        let problems = js_sys::Array::new();
        if let Some(changes) = changes {
            let problem = Object::new();
            set(&problem, "code", "TAGS_REWRITTEN");
            set(&problem, "message", changes);
            problems.push(&problem);
        }
        let how = Object::new();
        set(&how, "problems", JsValue::from(problems));
        // Exceptions of listeners are ignored.
        let _ = listener.call2(&JsValue::UNDEFINED, &id.into(), &how);
    }

    /// Calls the function. Returns its result, and what it called `create` for last, if it did.
    ///
    /// # Errors
    /// `Signer` when it fails; the kind of an error of this package that it passes on.
    pub(super) async fn call<S: Signable>(&self, subject: &Rc<S>) -> Result<(JsValue, Option<S::Request>)> {
        // The signer may keep `create` and call it again later.
        let creation = Rc::new(Creation {
            subject: subject.clone(),
            request: RefCell::new(None),
        });
        let create = {
            let creation = creation.clone();
            Closure::<dyn FnMut(JsValue) -> Promise>::new(move |fields: JsValue| {
                let creation = creation.clone();
                future_to_promise(async move {
                    let (created, request) = creation.subject.create(&fields).await?;
                    creation.request.replace(Some(request));
                    Ok(created)
                })
            })
        };
        subject.describe(create.as_ref());
        let result = match self
            .function
            .call2(&JsValue::UNDEFINED, create.as_ref(), &S::KIND.into())
        {
            Ok(result) => Promise::resolve(&result).await,
            Err(thrown) => Err(thrown),
        };
        let result = result.map_err(refused)?;
        Ok((result, creation.request.take()))
    }

    /// The key that the package made this signer from, if it did.
    ///
    /// # Errors
    /// `BadKey`.
    pub(super) async fn own_key(&self, hash: Hash) -> Result<Option<Rc<SigningKey>>> {
        let found = KEY_OF.with_borrow(|key_of| key_of.as_ref()?.call1(&JsValue::UNDEFINED, &self.function).ok());
        match found.filter(JsValue::is_object) {
            Some(jwk) => imported(&jwk, hash).await.map(Some),
            None => Ok(None),
        }
    }
}

/// One call of a signer, shared with the `create` that it gets.
struct Creation<S: Signable> {
    subject: Rc<S>,
    /// Of the last call of `create`.
    request: RefCell<Option<S::Request>>,
}

thread_local! {
    static KEY_OF: RefCell<Option<Function>> = const { RefCell::new(None) };
    static KEYS: RefCell<Vec<(JsValue, Rc<SigningKey>)>> = const { RefCell::new(Vec::new()) };
}

/// Imported keys that are kept. To import a key takes longer than to sign with it.
const MAX_KEYS: usize = 8;

/// Sets the function that returns the JWK of a signer that the package made from a key, and `undefined` for others.
pub fn set_key_of(key_of: Function) {
    KEY_OF.with(|slot| slot.replace(Some(key_of)));
}

/// A key, imported for signatures with this hash.
async fn imported(jwk: &JsValue, hash: Hash) -> Result<Rc<SigningKey>> {
    let known = KEYS.with_borrow(|keys| {
        let known = keys.iter().find(|(of, key)| of == jwk && key.hash() == hash);
        known.map(|(_, key)| key.clone())
    });
    if let Some(key) = known {
        return Ok(key);
    }
    let key = Rc::new(SigningKey::import_for(&jwk_from_js(jwk)?, hash).await?);
    KEYS.with_borrow_mut(|keys| {
        keys.truncate(MAX_KEYS - 1);
        keys.insert(0, (jwk.clone(), key.clone()));
    });
    Ok(key)
}

/// Signs with a key for a `create` of any library. Returns `{ signature, address }`.
#[cfg(any(feature = "client-bindings", feature = "httpsig-bindings"))]
pub async fn sign_for(
    jwk: JsValue,
    create: Function,
    hash: Hash,
    algorithm: &str,
) -> std::result::Result<JsValue, JsValue> {
    let key = imported(&jwk, hash).await?;
    let address = JsValue::from(Id::of(key.public()).to_string());
    let fields = Object::new();
    set(&fields, "type", 1);
    set(&fields, "publicKey", Uint8Array::from(key.public()));
    set(&fields, "address", address.clone());
    set(&fields, "alg", algorithm);
    // What `create` throws is passed on as it is.
    let created = Promise::resolve(&create.call1(&JsValue::UNDEFINED, &fields)?).await?;
    let message = to_bytes(&created)?.ok_or_else(|| misuse("create() must return the bytes to sign"))?;
    let signature = key.sign(&message.to_vec()?).await?;
    let signed = Object::new();
    set(&signed, "signature", Uint8Array::from(&signature[..]));
    set(&signed, "address", address);
    Ok(signed.into())
}

/// The public key in the argument of `create`.
pub fn public_key_of(fields: &JsValue) -> Result<Vec<u8>> {
    let public_key = to_bytes(&get(fields, "publicKey"))?.ok_or_else(|| {
        Error::new(
            ErrorKind::BadKey,
            "publicKey: Unexpected type. Value must be one of Uint8Array, ArrayBuffer, or base64url-encoded string",
        )
    })?;
    public_key.to_vec()
}

/// Bytes, or base64 text in either alphabet.
///
/// # Errors
/// `BadArgument` for bytes that cannot be read.
pub fn to_bytes(value: &JsValue) -> Result<Option<JsBytes>> {
    if let Some(text) = value.as_string() {
        let bytes = from_base64url(&text.replace('+', "-").replace('/', "_"));
        return Ok(bytes.map(|bytes| JsBytes::own(Uint8Array::from(&bytes[..]))));
    }
    match (JsBytes::from_js(value), unreadable(value)) {
        (None, Some(what)) => Err(Error::new(ErrorKind::BadArgument, format!("Received {what}"))),
        (bytes, _) => Ok(bytes),
    }
}

/// The error of a signer that did not call `create`.
pub fn not_created() -> Error {
    misuse("create() must be invoked in order to construct the data to sign")
}

/// The error of a signer that breaks the contract.
pub fn misuse(message: &str) -> Error {
    Error::new(ErrorKind::Signer, message)
}

/// The error for what a signer threw. Errors of this package keep their kind: `create` rejects with them, and so do the signers
/// that the package makes. Any other value, whatever its `code`, becomes the cause of an error of kind `Signer`.
fn refused(thrown: JsValue) -> Error {
    let message = message_of(&thrown);
    match own_kind(&thrown) {
        Some(kind) => Error::new(kind, message),
        None => Error::new(
            ErrorKind::Signer,
            format!("{message} (said by the signer; nothing was sent)"),
        ),
    }
    .with_source(Thrown(thrown))
}

/// The kind of an error of the package's own class. `Timeout` is left out: it is of a call that the signer made, not of the call
/// that it signs for.
fn own_kind(thrown: &JsValue) -> Option<ErrorKind> {
    let kind = ErrorKind::from_code(&get(thrown, "code").as_string()?)?;
    let ours = to_js(&Error::new(kind, ""));
    let is_ours = get(thrown, "constructor") == get(&ours, "constructor");
    (is_ours && kind != ErrorKind::Timeout).then_some(kind)
}
