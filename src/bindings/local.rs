//! The local network, for its JavaScript face: requests and answers in plain parts, a store and a clock that JavaScript
//! brings.

use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::ans104::{DataDigest, Draft, SignatureType};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::local::{HttpMessage, Network, Options, PlatformParts, Request};
use crate::platform::{Clock, Storage};
use crate::signer::{Signed, Signer, Verifier};
use crate::web::{JsBytes, Native, SigningKey, Thrown, get, jwk_from_js, message_of, method, set, verify_pss};

type Answer<T> = std::result::Result<T, JsValue>;

/// A network. Its calls must not overlap: the face has a queue.
#[wasm_bindgen]
pub struct LocalNetwork(Network<PlatformParts<JsStorage, JsClock, Key>>);

#[wasm_bindgen]
impl LocalNetwork {
    /// `storage` has the methods of [`Storage`], which may return promises; `clock` returns milliseconds; `options` may have
    /// those of [`Options`], in JavaScript's spelling.
    pub async fn open(storage: JsValue, clock: Function, jwk: JsValue, options: JsValue) -> Answer<LocalNetwork> {
        let platform = PlatformParts {
            storage: JsStorage(storage),
            clock: JsClock(clock),
            key: Key(SigningKey::import(&jwk_from_js(&jwk)?).await?),
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

    /// `{ status, headers: [[name, value], …], body }`. `headers` of the request are `[name, value, name, value, …]`.
    /// `signed` is what the caller found out about an HTTP signature: a message, or a `problem`.
    pub async fn fetch(
        &mut self,
        method: String,
        path: String,
        headers: Vec<String>,
        body: Vec<u8>,
        signed: JsValue,
    ) -> Answer<JsValue> {
        let headers = headers.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
        let request = Request {
            method,
            path,
            headers: headers.collect(),
            body,
        };
        let response = match signed.is_undefined() {
            true => self.0.fetch(request).await,
            false => self.0.fetch_verified(request, message_of_js(&signed)).await,
        };
        let headers = response.headers.iter();
        let headers = headers.map(|(name, value)| Array::of2(&name.into(), &value.into()));
        let answer = Object::new();
        set(&answer, "status", response.status);
        set(&answer, "headers", headers.collect::<Array>());
        set(&answer, "body", Uint8Array::from(&response.body[..]));
        Ok(answer.into())
    }

    /// Does what is still to be done.
    pub async fn settle(&mut self) -> Answer<()> {
        Ok(self.0.settle().await?)
    }

    /// Saves the state of processes, so that it need not be computed again.
    #[wasm_bindgen(js_name = flushSnapshots)]
    pub async fn flush_snapshots(&mut self) -> Answer<()> {
        Ok(self.0.flush_snapshots().await?)
    }

    #[wasm_bindgen(js_name = addModule)]
    pub async fn add_module(&mut self, id: String, bytes: Vec<u8>, format: Option<String>) -> Answer<()> {
        let id = Id::parse(&id, "The module's id")?;
        Ok(self.0.add_module(id, &bytes, format.as_deref()).await?)
    }

    /// The names of all records of the store.
    pub async fn records(&self) -> Answer<Vec<String>> {
        Ok(self.0.records().await?)
    }

    /// Those of the records that are damaged: `{ name, message }` each.
    pub async fn damaged(&self, records: Vec<String>) -> Answer<Array> {
        let damaged = self.0.damaged(&records).await?;
        let damaged = damaged.into_iter().map(|(name, message)| {
            let shown = Object::new();
            set(&shown, "name", name);
            set(&shown, "message", message);
            shown
        });
        Ok(damaged.collect())
    }

    /// `[headers, body, time]` of a kept HTTP message, to be verified; `headers` are `[[name, value], …]`.
    pub async fn original(&self, name: String) -> Answer<Array> {
        let (headers, body, timestamp) = self.0.original(&name).await?;
        let headers = headers
            .iter()
            .map(|(name, value)| Array::of2(&name.into(), &value.into()));
        let headers: Array = headers.collect();
        Ok(Array::of3(
            &headers,
            &Uint8Array::from(&body[..]),
            &(timestamp as f64).into(),
        ))
    }

    /// Whether a kept HTTP message is the one that was verified.
    #[wasm_bindgen(js_name = isOriginal)]
    pub async fn is_original(&self, name: String, signed: JsValue) -> bool {
        match message_of_js(&signed) {
            Ok(message) => self.0.check_original(&name, message).await.is_ok(),
            Err(_) => false,
        }
    }

    /// What has happened since the last call: `{ what, process, message, detail }` each.
    #[wasm_bindgen(js_name = takeEvents)]
    pub fn take_events(&mut self) -> Array {
        let events = self.0.take_events().into_iter().map(|event| {
            let shown = Object::new();
            set(&shown, "what", event.what);
            set(&shown, "process", event.process.to_string());
            set(&shown, "message", event.message.to_string());
            set(&shown, "detail", event.detail);
            shown
        });
        events.collect()
    }
}

/// `{ owner, signature, fields: [[name, bytes], …] }`, or `{ problem }`.
fn message_of_js(signed: &JsValue) -> std::result::Result<HttpMessage, String> {
    let bytes = |value: &JsValue| JsBytes::from_js(value).and_then(|bytes| bytes.to_vec().ok());
    let unfit = || get(signed, "problem").as_string().unwrap_or_default();
    let fields = get(signed, "fields").dyn_into::<Array>().map_err(|_| unfit())?;
    let fields = fields.iter().map(|field| {
        let field = field.dyn_into::<Array>().ok()?;
        Some((field.get(0).as_string()?, bytes(&field.get(1))?))
    });
    Ok(HttpMessage {
        owner: bytes(&get(signed, "owner")).ok_or_else(unfit)?,
        signature: bytes(&get(signed, "signature")).ok_or_else(unfit)?,
        fields: fields.collect::<Option<_>>().ok_or_else(unfit)?,
    })
}

fn options_of(given: &JsValue) -> Options {
    let mut options = Options::default();
    if let Some(url) = get(given, "url").as_string() {
        options.url = url;
    }
    // From floats to integers as Rust does it: the nearest that there is.
    let number = |name: &str| get(given, name).as_f64();
    let count = |name: &str, default: usize| number(name).map_or(default, |number| number as usize);
    options.limits.compute = number("computeLimit").map_or(options.limits.compute, |number| number as u64);
    options.limits.memory = number("memoryLimit").map_or(options.limits.memory, |number| number as u64);
    options.live = count("liveProcesses", options.live);
    options.live_memory = number("liveMemory").map_or(options.live_memory, |number| number as u64);
    options.cascade = count("cascadeLimit", options.cascade);
    options
}

/// The time, as JavaScript tells it.
struct JsClock(Function);

impl Clock for JsClock {
    fn now(&self) -> u64 {
        let now = self.0.call0(&JsValue::UNDEFINED);
        now.ok().and_then(|now| now.as_f64()).map_or(0, |now| now as u64)
    }
}

/// A key that signs with the platform's cryptography.
struct Key(SigningKey);

impl Signer for Key {
    type Data = Vec<u8>;
    type Item = Vec<u8>;

    async fn sign(&self, draft: Draft, data: Vec<u8>) -> Result<Signed<Vec<u8>>> {
        let mut head = draft.head(SignatureType::Arweave, self.0.public())?;
        let signature = self.0.sign(&head.deep_hash(DataDigest::of(&data))).await?;
        head.set_signature(&signature)?;
        let id = head.id();
        let raw = [head.as_bytes(), &data].concat();
        Ok(Signed { id, raw })
    }
}

impl Verifier for Key {
    async fn verify(&self, n: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
        verify_pss(n, message, signature).await
    }
}

/// A store that JavaScript brings.
struct JsStorage(JsValue);

impl JsStorage {
    async fn call(&self, name: &str, arguments: &[JsValue]) -> Result<JsValue> {
        let failed = |thrown: JsValue| {
            let message = format!("The network's store failed: {}", message_of(&thrown));
            Error::new(ErrorKind::Storage, message).with_source(Thrown(thrown))
        };
        let function = method(&self.0, name).ok_or_else(|| failed(format!("it has no method {name}").into()))?;
        let arguments: Array = arguments.iter().collect();
        let answer = Reflect::apply(&function, &self.0, &arguments).map_err(failed)?;
        match answer.dyn_into::<Promise>() {
            Ok(promise) => promise.await.map_err(failed),
            Err(answer) => Ok(answer),
        }
    }
}

impl Storage for JsStorage {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let found = self.call("get", &[name.into()]).await?;
        if found.is_null_or_undefined() {
            return Ok(None);
        }
        let bytes = JsBytes::from_js(&found).and_then(|bytes| bytes.to_vec().ok());
        bytes.map(Some).ok_or_else(|| {
            let message = format!("The network's store failed: what it gave for {name} are no bytes that can be read");
            Error::new(ErrorKind::Storage, message)
        })
    }

    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        let free = self
            .call("insert", &[name.into(), Uint8Array::from(bytes).into()])
            .await?;
        Ok(free.is_truthy())
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.call("put", &[name.into(), Uint8Array::from(bytes).into()]).await?;
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<()> {
        self.call("remove", &[name.into()]).await?;
        Ok(())
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        let names = Array::from(&self.call("names", &[prefix.into()]).await?);
        Ok(names.iter().filter_map(|name| name.as_string()).collect())
    }
}
