//! The global object of a page, a worker, Node.js, Deno or Bun. Each property is looked up when it is used, so that a program
//! may replace it, and may be missing.

use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Crypto, SubtleCrypto};

#[wasm_bindgen]
extern "C" {
    pub type Global;

    #[wasm_bindgen(method, getter, js_name = Boolean)]
    fn boolean(this: &Global) -> Function;

    #[wasm_bindgen(method, getter)]
    fn crypto(this: &Global) -> Option<Crypto>;

    #[wasm_bindgen(method, getter)]
    fn fetch(this: &Global) -> Option<Function>;

    #[wasm_bindgen(method, getter)]
    fn process(this: &Global) -> Option<Process>;

    /// `process` of Node.js. Deno and Bun have one too; some bundlers give pages a part of it.
    type Process;

    #[wasm_bindgen(method, getter)]
    fn versions(this: &Process) -> Option<Versions>;

    #[wasm_bindgen(method, catch, js_name = getBuiltinModule)]
    fn builtin_module(this: &Process, name: &str) -> Result<NodeCrypto, JsValue>;

    type Versions;

    #[wasm_bindgen(method, getter)]
    fn node(this: &Versions) -> Option<String>;

    /// The module `node:crypto`.
    type NodeCrypto;

    #[wasm_bindgen(method, catch, js_name = createHash)]
    fn create_hash(this: &NodeCrypto, algorithm: &str) -> Result<NodeHash, JsValue>;

    type NodeHash;

    #[wasm_bindgen(method, catch)]
    fn update(this: &NodeHash, bytes: &Uint8Array) -> Result<NodeHash, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn digest(this: &NodeHash) -> Result<JsValue, JsValue>;
}

fn global() -> Global {
    js_sys::global().unchecked_into()
}

/// `Boolean`: a function that does nothing with its argument, to handle what need not be handled.
pub fn boolean() -> Function {
    global().boolean()
}

/// The runtime's `fetch`.
pub fn fetch() -> Option<Function> {
    global().fetch()
}

/// The source of randomness.
pub fn crypto() -> Option<Crypto> {
    global().crypto()
}

/// `SubtleCrypto`, which pages have only on https and localhost.
pub fn subtle() -> Option<SubtleCrypto> {
    let subtle = crypto()?.subtle();
    subtle.is_object().then_some(subtle)
}

/// Whether this is Node.js, or a runtime that declares itself compatible with a version of Node.js.
pub fn is_node() -> bool {
    let versions = global().process().and_then(|process| process.versions());
    versions.is_some_and(|versions| versions.node().is_some())
}

/// A digest that Node.js computes; `None` in other runtimes.
pub fn node_digest(algorithm: &str, bytes: &Uint8Array) -> Option<Uint8Array> {
    let crypto = global().process()?.builtin_module("node:crypto").ok()?;
    let hash = crypto.create_hash(algorithm).ok()?.update(bytes).ok()?;
    hash.digest().ok()?.dyn_into().ok()
}
