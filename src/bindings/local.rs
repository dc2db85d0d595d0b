//! Bindings of the local network: requests and responses as plain objects, over a storage and a clock of JavaScript.

use std::rc::Rc;

use js_sys::{Function, Uint8Array};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::{from_value, preserve, to_value};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::storage::JsStorage;
use crate::ans104::{DataDigest, Draft, SignatureType};
use crate::arweave::{Id, from_base64url};
use crate::error::{Error, ErrorKind, Result};
use crate::local::{Network, Options, PlatformParts, Request, VerifiedMessage};
use crate::platform::Clock;
use crate::protocol::TextTag;
use crate::signer::{Ed25519Key, ItemKey, ItemSignature, SignatureCheck, SignedItem, Signer, Verifier};
use crate::web::{Native, SigningKey, WebRandom, check_signature, get, jwk_from_js};

type JsResult<T> = std::result::Result<T, JsValue>;

/// A network. Its calls must not overlap: the package's JavaScript queues them.
#[wasm_bindgen]
pub struct LocalNetwork(Network<PlatformParts<JsStorage, JsClock, Key>>);

#[wasm_bindgen]
impl LocalNetwork {
    /// The type of the key with which the network of `storage` began: `ed25519` or `rsa`; `undefined` for a new one.
    #[wasm_bindgen(js_name = keyType)]
    pub async fn key_type(storage: JsStorage) -> JsResult<Option<String>> {
        Ok(crate::local::key_type(&storage).await?.map(|key_type| match key_type {
            SignatureType::Ed25519 => "ed25519".into(),
            _ => "rsa".into(),
        }))
    }

    /// Opens the network that `storage` holds. `clock` returns milliseconds. `options` are members of [`Options`], in
    /// JavaScript's spelling. `host` is the runtime's own cryptography, if it answers at once.
    pub async fn open(
        storage: JsStorage,
        clock: Function,
        jwk: JsValue,
        options: JsValue,
        host: Option<HostCrypto>,
    ) -> JsResult<LocalNetwork> {
        let platform = PlatformParts {
            storage,
            clock: JsClock(clock),
            key: Key::import(&jwk, host).await?,
        };
        let mut network = Network::open(platform, options_of(&options)).await?;
        let interprets = get(&options, "engine").as_string().as_deref() == Some("wasmi");
        #[cfg(feature = "wasmi")]
        if !interprets {
            network.set_engines(vec![Rc::new(Native), Rc::new(crate::compute::Wasmi::new())]);
        }
        #[cfg(not(feature = "wasmi"))]
        if !interprets {
            network.set_engines(vec![Rc::new(Native)]);
        }
        Ok(Self(network))
    }

    pub fn address(&self) -> String {
        self.0.address().to_string()
    }

    /// Handles a request. Returns `{ status, headers: [[name, value], …], body }`. `headers` of the request are
    /// `[name, value, name, value, …]`. `signed` is the request's HTTP signature, verified: see [`SignedRequest`].
    pub async fn fetch(
        &mut self,
        method: String,
        path: String,
        headers: Vec<String>,
        body: Vec<u8>,
        signed: JsValue,
    ) -> JsResult<JsValue> {
        let headers = headers.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
        let request = Request {
            method,
            path,
            headers: headers.collect(),
            body,
        };
        let response = match signed.is_undefined() {
            true => self.0.fetch(request).await,
            false => self.0.fetch_verified(request, SignedRequest::read(signed)).await,
        };
        Ok(to_value(&PlainResponse {
            status: response.status,
            headers: response.headers,
            body: Uint8Array::from(&response.body[..]),
        })?)
    }

    /// Handles the messages that are still pending.
    pub async fn settle(&mut self) -> JsResult<()> {
        Ok(self.0.settle().await?)
    }

    /// Saves the state of processes, so that it need not be computed again.
    #[wasm_bindgen(js_name = flushSnapshots)]
    pub async fn flush_snapshots(&mut self) -> JsResult<()> {
        Ok(self.0.flush_snapshots().await?)
    }

    #[wasm_bindgen(js_name = addModule)]
    pub async fn add_module(&mut self, id: String, bytes: Vec<u8>, format: Option<String>) -> JsResult<()> {
        let id = Id::parse(&id, "The module's id")?;
        Ok(self.0.add_module(id, &bytes, format.as_deref()).await?)
    }

    /// `tags` are `{ name, value }` each.
    #[wasm_bindgen(js_name = addData)]
    pub async fn add_data(&mut self, id: String, bytes: Vec<u8>, tags: JsValue) -> JsResult<()> {
        let id = Id::parse(&id, "The data's id")?;
        let tags: Vec<TextTag> = from_value(tags)?;
        Ok(self.0.add_data(id, &bytes, &tags).await?)
    }

    /// The names of all records of the store.
    pub async fn records(&self) -> JsResult<Vec<String>> {
        Ok(self.0.records().await?)
    }

    /// Those of the records that are damaged: `{ name, message }` each.
    pub async fn damaged(&self, records: Vec<String>) -> JsResult<JsValue> {
        let damaged = self.0.damaged(&records).await?;
        let damaged = damaged
            .into_iter()
            .map(|(name, message)| DamagedRecord { name, message });
        Ok(to_value(&damaged.collect::<Vec<_>>())?)
    }

    /// `[headers, body, time]` of a stored HTTP message, to verify it again. `headers` are `[[name, value], …]`.
    pub async fn original(&self, name: String) -> JsResult<JsValue> {
        let (headers, body, timestamp) = self.0.original(&name).await?;
        let body = Bytes(Uint8Array::from(&body[..]));
        Ok(to_value(&(headers, body, timestamp as f64))?)
    }

    /// Whether a stored HTTP message is the one that was verified.
    #[wasm_bindgen(js_name = isOriginal)]
    pub async fn is_original(&self, name: String, signed: JsValue) -> bool {
        match SignedRequest::read(signed) {
            Ok(message) => self.0.check_original(&name, message).await.is_ok(),
            Err(_) => false,
        }
    }

    /// The events since the last call: `{ what, process, message, detail }` each.
    #[wasm_bindgen(js_name = takeEvents)]
    pub fn take_events(&mut self) -> JsResult<JsValue> {
        let events = self.0.take_events().into_iter().map(|event| PlainEvent {
            what: event.what,
            process: event.process.to_string(),
            message: event.message.to_string(),
            detail: event.detail,
        });
        Ok(to_value(&events.collect::<Vec<_>>())?)
    }
}

/// Bytes that JavaScript holds.
#[derive(Serialize, Deserialize)]
struct Bytes(#[serde(with = "preserve")] Uint8Array);

#[derive(Serialize)]
struct PlainResponse {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(with = "preserve")]
    body: Uint8Array,
}

#[derive(Serialize)]
struct DamagedRecord {
    name: String,
    message: String,
}

#[derive(Serialize)]
struct PlainEvent {
    what: &'static str,
    process: String,
    message: String,
    detail: String,
}

/// What a valid HTTP signature covers, or the `problem` that keeps it from being valid.
#[derive(Deserialize)]
struct SignedRequest {
    owner: Option<Bytes>,
    signature: Option<Bytes>,
    fields: Option<Vec<(String, Bytes)>>,
    problem: Option<String>,
}

impl SignedRequest {
    fn read(value: JsValue) -> std::result::Result<VerifiedMessage, String> {
        let signed: Self = from_value(value).map_err(|error| error.to_string())?;
        match signed {
            Self {
                owner: Some(owner),
                signature: Some(signature),
                fields: Some(fields),
                ..
            } => Ok(VerifiedMessage {
                owner: owner.0.to_vec(),
                signature: signature.0.to_vec(),
                fields: fields
                    .into_iter()
                    .map(|(name, value)| (name, value.0.to_vec()))
                    .collect(),
            }),
            Self { problem, .. } => Err(problem.unwrap_or_default()),
        }
    }
}

fn options_of(given: &JsValue) -> Options {
    let mut options = Options::default();
    if let Some(url) = get(given, "url").as_string() {
        options.url = url;
    }
    // `as` takes a number that is too large for the nearest that fits.
    let number = |name: &str| get(given, name).as_f64();
    let count = |name: &str, default: usize| number(name).map_or(default, |number| number as usize);
    options.limits.compute = number("computeLimit").map_or(options.limits.compute, |number| number as u64);
    options.limits.memory = number("memoryLimit").map_or(options.limits.memory, |number| number as u64);
    options.live = count("liveProcesses", options.live);
    options.live_memory = number("liveMemory").map_or(options.live_memory, |number| number as u64);
    options.cascade = count("cascadeLimit", options.cascade);
    options
}

/// A clock that is a JavaScript function.
struct JsClock(Function);

impl Clock for JsClock {
    fn now(&self) -> u64 {
        let now = self.0.call0(&JsValue::UNDEFINED);
        now.ok().and_then(|now| now.as_f64()).map_or(0, |now| now as u64)
    }
}

#[wasm_bindgen]
extern "C" {
    /// Cryptography that answers at once, as Node.js has it: see host-crypto.ts. What it cannot do is done elsewhere.
    pub type HostCrypto;

    /// Signs with the network's Ed25519 key.
    #[wasm_bindgen(method)]
    fn sign(this: &HostCrypto, message: &[u8]) -> Option<Vec<u8>>;

    /// Whether a signature (RSA-PSS, SHA-256) is valid. `false` also where that is not known.
    #[wasm_bindgen(method)]
    fn verifies(this: &HostCrypto, n: &[u8], message: &[u8], signature: &[u8]) -> bool;
}

/// The network's key, and the runtime's own cryptography.
struct Key {
    pair: KeyPair,
    host: Option<HostCrypto>,
}

/// RSA keys sign with the platform's cryptography. Ed25519 keys sign here where there is no `HostCrypto`: many platforms lack
/// it.
enum KeyPair {
    Rsa(SigningKey),
    Ed25519(Ed25519Key),
}

impl Key {
    /// Imports a JWK.
    async fn import(jwk: &JsValue, host: Option<HostCrypto>) -> Result<Self> {
        if get(jwk, "kty").as_string().as_deref() != Some("OKP") {
            let pair = KeyPair::Rsa(SigningKey::import(&jwk_from_js(jwk)?).await?);
            return Ok(Self { pair, host });
        }
        let bad = |message: &str| Error::new(ErrorKind::BadKey, message);
        if get(jwk, "crv").as_string().as_deref() != Some("Ed25519") {
            return Err(bad(
                "The network's key is of a type that cannot sign. Use Ed25519 or RSA",
            ));
        }
        let part = |name: &str| {
            let text = get(jwk, name).as_string();
            text.and_then(|text| from_base64url(&text))
                .ok_or_else(|| bad("The network's key is incomplete. A JWK of Ed25519 has d and x"))
        };
        let key = Ed25519Key::new(&[part("d")?, part("x")?].concat())?;
        // Signatures of Ed25519 have no random part, so that the two must agree.
        let probe = [0; 48];
        let ours = key.sign_hash(&probe, &WebRandom)?;
        let host = host.filter(|host| host.sign(&probe).is_some_and(|signature| signature == ours));
        let pair = KeyPair::Ed25519(key);
        Ok(Self { pair, host })
    }
}

impl Signer for Key {
    type Data = Vec<u8>;
    type Item = Vec<u8>;

    async fn sign(&self, draft: Draft, data: Vec<u8>) -> Result<SignedItem<Vec<u8>>> {
        let mut head = match &self.pair {
            KeyPair::Rsa(key) => draft.head(SignatureType::Arweave, key.public())?,
            KeyPair::Ed25519(key) => draft.head(key.signature_type(), &key.owner()?)?,
        };
        let hash = head.deep_hash(DataDigest::of(&data));
        let signature = match &self.pair {
            KeyPair::Rsa(key) => key.sign(&hash).await?,
            KeyPair::Ed25519(key) => match self.host.as_ref().and_then(|host| host.sign(&hash)) {
                Some(signature) => signature,
                None => key.sign_hash(&hash, &WebRandom)?,
            },
        };
        head.set_signature(&signature)?;
        let id = head.id();
        let raw = [head.as_bytes(), &data].concat();
        Ok(SignedItem { id, raw })
    }
}

impl Verifier for Key {
    async fn verify(&self, item: ItemSignature<'_>) -> Result<SignatureCheck> {
        if let Some(host) = self
            .host
            .as_ref()
            .filter(|_| item.signature_type == SignatureType::Arweave)
            && host.verifies(item.owner, item.hash, item.signature)
        {
            return Ok(SignatureCheck::passed());
        }
        check_signature(item).await
    }
}
