//! A storage that is a JavaScript object.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Error, ErrorKind, Result};
use crate::platform::Storage;
use crate::web::{JsBytes, Thrown, message_of};

type JsResult<T> = std::result::Result<T, JsValue>;

#[wasm_bindgen]
extern "C" {
    /// A storage of the package or of the caller, with the methods of [`Storage`]. They may return promises. The package's
    /// JavaScript has checked that the methods are there.
    pub type JsStorage;

    #[wasm_bindgen(method, catch, js_name = get)]
    fn js_get(this: &JsStorage, name: &str) -> JsResult<JsValue>;

    #[wasm_bindgen(method, catch, js_name = insert)]
    fn js_insert(this: &JsStorage, name: &str, bytes: Uint8Array) -> JsResult<JsValue>;

    #[wasm_bindgen(method, catch, js_name = put)]
    fn js_put(this: &JsStorage, name: &str, bytes: Uint8Array) -> JsResult<JsValue>;

    #[wasm_bindgen(method, catch, js_name = remove)]
    fn js_remove(this: &JsStorage, name: &str) -> JsResult<JsValue>;

    #[wasm_bindgen(method, catch, js_name = names)]
    fn js_names(this: &JsStorage, prefix: &str) -> JsResult<JsValue>;
}

/// The value that a storage returned, or that its promise resolves with.
async fn settled(returned: JsResult<JsValue>) -> Result<JsValue> {
    let value = match returned {
        Ok(value) => match value.dyn_into::<Promise>() {
            Ok(promise) => promise.await,
            Err(value) => Ok(value),
        },
        Err(thrown) => Err(thrown),
    };
    value.map_err(|thrown| {
        let message = format!("The network's storage failed: {}", message_of(&thrown));
        Error::new(ErrorKind::Storage, message).with_source(Thrown(thrown))
    })
}

impl Storage for JsStorage {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let found = settled(self.js_get(name)).await?;
        if found.is_null_or_undefined() {
            return Ok(None);
        }
        let bytes = JsBytes::from_js(&found).and_then(|bytes| bytes.to_vec().ok());
        bytes.map(Some).ok_or_else(|| {
            let message = format!("The network's storage failed: get('{name}') returned no readable Uint8Array");
            Error::new(ErrorKind::Storage, message)
        })
    }

    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        let is_free = settled(self.js_insert(name, bytes.into())).await?;
        Ok(is_free.is_truthy())
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        settled(self.js_put(name, bytes.into())).await?;
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<()> {
        settled(self.js_remove(name)).await?;
        Ok(())
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        let names = Array::from(&settled(self.js_names(prefix)).await?);
        Ok(names.iter().filter_map(|name| name.as_string()).collect())
    }
}
