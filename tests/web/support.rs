//! A signer with the page's key, and a scripted `fetch`.

use std::cell::RefCell;
use std::rc::Rc;

use aoxide::Result;
use aoxide::ans104::{DataDigest, DataItem, Draft, SignatureType};
use aoxide::arweave::Jwk;
use aoxide::signer::{ItemSignature, SignatureCheck, SignedItem, Signer, Verifier};
use aoxide::web::{SigningKey, WebPlatform, WebRandom, check_signature, get};
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

pub const PROCESS: &str = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";

pub fn jwk() -> Jwk {
    Jwk::from_json(include_str!("../vectors/key.json")).unwrap()
}

pub fn random_bytes(length: usize) -> Vec<u8> {
    use aoxide::platform::Random as _;
    let mut bytes = vec![0; length];
    WebRandom.fill(&mut bytes).unwrap();
    bytes
}

/// A signer that uses a key with `SubtleCrypto`. A Rust front end needs one like it to sign without a wallet.
pub struct PageSigner(SigningKey);

impl PageSigner {
    pub async fn new() -> Self {
        Self(SigningKey::import(&jwk()).await.unwrap())
    }

    async fn signed(&self, draft: Draft, data: &[u8]) -> Result<(aoxide::arweave::Id, Vec<u8>)> {
        let mut head = draft.head(SignatureType::Arweave, self.0.public())?;
        let signature = self.0.sign(&head.deep_hash(DataDigest::of(data))).await?;
        head.set_signature(&signature)?;
        Ok((head.id(), [head.as_bytes(), data].concat()))
    }
}

/// Signer for [`WebPlatform`], whose items are JavaScript byte arrays.
impl Signer for PageSigner {
    type Data = String;
    type Item = Uint8Array;

    async fn sign(&self, draft: Draft, data: String) -> Result<SignedItem<Uint8Array>> {
        let (id, raw) = self.signed(draft, data.as_bytes()).await?;
        Ok(SignedItem {
            id,
            raw: Uint8Array::from(&raw[..]),
        })
    }
}

/// Signer for a local network, whose items stay in Rust's memory.
pub struct NetworkKey(pub PageSigner);

impl Signer for NetworkKey {
    type Data = Vec<u8>;
    type Item = Vec<u8>;

    async fn sign(&self, draft: Draft, data: Vec<u8>) -> Result<SignedItem<Vec<u8>>> {
        let (id, raw) = self.0.signed(draft, &data).await?;
        Ok(SignedItem { id, raw })
    }
}

impl Verifier for NetworkKey {
    async fn verify(&self, signature: ItemSignature<'_>) -> Result<SignatureCheck> {
        check_signature(signature).await
    }
}

/// One recorded call of `fetch`.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub url: String,
    pub headers: JsValue,
    pub body: JsValue,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<String> {
        get(&self.headers, name).as_string()
    }

    /// The signed item that the request carries.
    pub fn item(&self) -> DataItem {
        DataItem::parse(Uint8Array::new(&self.body).to_vec()).unwrap()
    }
}

/// A `fetch` that evaluates one expression of its script for each call, and repeats the last one. An expression is JavaScript
/// that returns a `Response` or a promise of one, or throws. It can use `url` and `init`, the arguments of `fetch`.
pub struct Server {
    pub fetch: Function,
    seen: Rc<RefCell<Vec<Seen>>>,
    _closure: Closure<dyn FnMut(JsValue, JsValue) -> Promise>,
}

impl Server {
    pub fn new(script: &[&str]) -> Self {
        let answers: Vec<_> = script
            .iter()
            .map(|answer| Function::new_with_args("url, init", &format!("return {answer}")))
            .collect();
        let seen = Rc::<RefCell<Vec<Seen>>>::default();
        let record = seen.clone();
        let closure = Closure::<dyn FnMut(JsValue, JsValue) -> Promise>::new(move |url: JsValue, init: JsValue| {
            let answer = answers[record.borrow().len().min(answers.len() - 1)].clone();
            record.borrow_mut().push(Seen {
                method: get(&init, "method").as_string().unwrap_or_default(),
                url: url.as_string().unwrap_or_default(),
                headers: get(&init, "headers"),
                body: get(&init, "body"),
            });
            match answer.call2(&JsValue::UNDEFINED, &url, &init) {
                Ok(answer) => Promise::resolve(&answer),
                Err(thrown) => Promise::reject(&thrown),
            }
        });
        Self {
            fetch: closure.as_ref().clone().unchecked_into(),
            seen,
            _closure: closure,
        }
    }

    pub fn platform(&self) -> WebPlatform {
        WebPlatform::new(Some(self.fetch.clone()))
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.borrow().clone()
    }

    pub fn only_request(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

/// Evaluates a JavaScript expression in the page.
pub fn js(expression: &str) -> JsValue {
    Function::new_no_args(&format!("return {expression}"))
        .call0(&JsValue::UNDEFINED)
        .unwrap()
}
