//! aoxide: the AO computer's SDK for the browser.
//!
//! | module | contents |
//! |---|---|
//! | [`error`] | [`Error`], whose kind has a stable code |
//! | [`ans104`] | data items: tags, deep hash, parsing, verification |
//! | [`arweave`] | ids, addresses, wallet keys, RSA-PSS |
//! | [`signer`] | the [`Signer`](signer::Signer) trait, and the keys of every signature type |
//! | [`protocol`] | AO's vocabulary: which tags a message or a process has, in which order |
//! | [`platform`] | the traits of what the code needs from its surroundings |
//! | [`client`] | the verbs (spawn, message, result, dryrun, …) over MU, SU and CU, and over HyperBEAM nodes |
//! | `compute` | running process modules: formats, host functions, engines, snapshots (features `compute`, `wasmi`) |
//! | `local` | a whole AO network as one value: HTTP requests in, responses out (feature `local`) |
//! | `lua` | the Lua module of the npm package: its id, its tags, the check of its bytes (feature `lua`) |
//! | `httpsig` | AO-Core messages on HTTP: structured fields, multipart, signatures (feature `httpsig`) |
//! | `verify` | a light client: schedules, checkpoints and results that it verifies itself (feature `verify`) |
//! | `web` | the browser as a platform (wasm32 only) |
//! | `bindings` | the functions and classes that the npm package's JavaScript calls (wasm32 only) |
//!
//! Dependencies lean one way: `bindings → web, local, lua, verify, client → compute, protocol, signer → ans104, httpsig,
//! arweave → error`, with `platform` under all that need surroundings. `cargo xtask test layering` checks it. Everything but `web` and
//! `bindings` compiles natively, without JavaScript.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `rsa` (default) | RSA in Rust: signing and verifying natively, and in a browser what `SubtleCrypto` cannot do |
//! | `signatures` | every other signature type: Ed25519, Ethereum, Solana, Aptos |
//! | `addresses` | the addresses of owners as compute units and HyperBEAM nodes write them |
//! | `compute` | running process modules on an engine that the program brings |
//! | `wasmi` | the interpreter, an engine that runs everywhere |
//! | `local` | a whole AO network in memory: messenger, scheduler, compute unit, gateway |
//! | `lua` | the Lua module of the npm package, whose bytes the program brings |
//! | `httpsig` | HTTP message signatures |
//! | `verify` | verifying schedules and computing results from them |
//!
//! The `*-bindings` features add the bindings to JavaScript. Each makes an artefact of the npm package, which is built with
//! this feature alone:
//!
//! | feature | artefact | when a page loads it |
//! |---|---|---|
//! | `client-bindings` (default) | `client`, without `rsa` | always |
//! | `rsa-bindings` | `rsa` | when `SubtleCrypto` lacks something |
//! | `signatures-bindings` | `signatures` | for the first item that is not signed by an Arweave key |
//! | `compute-bindings` | `compute`, and with `wasmi`, `compute-wasmi` | when it runs modules: on the browser's own WebAssembly, or where that cannot run them, on the interpreter |
//! | `local-bindings` | `local`, and with `wasmi`, `local-wasmi` | when it runs a network, likewise |
//! | `verify-bindings` | `verify`, and with `wasmi`, `verify-wasmi` | when it follows a process, likewise |
//! | `httpsig-bindings` | `httpsig` | when it signs or verifies HTTP messages |
//! | `bundle-bindings` | `bundle` | when it reads or makes bundles, or items larger than memory |
//!
//! A Rust front end for the browser uses [`client::Client`] over `web::WebPlatform` and needs no bindings. It sets
//! `default-features = false`, because the bindings of a dependency become exports of its own module.

pub mod ans104;
#[cfg_attr(
    not(any(feature = "httpsig", feature = "local")),
    allow(dead_code, reason = "only these features write the field")
)]
mod ao_types;
pub mod arweave;
#[cfg(any(feature = "local", feature = "verify"))]
#[cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "a light client does not make transactions")
)]
mod base_layer;
pub mod client;
#[cfg(feature = "compute")]
pub mod compute;
pub mod error;
#[cfg(feature = "httpsig")]
pub mod httpsig;
#[cfg(any(feature = "local", feature = "verify"))]
mod join;
#[cfg(feature = "local")]
pub mod local;
#[cfg(feature = "lua")]
pub mod lua;
pub mod platform;
pub mod protocol;
pub mod signer;
#[cfg(feature = "verify")]
pub mod verify;

#[cfg(all(
    target_family = "wasm",
    any(
        feature = "client-bindings",
        feature = "rsa-bindings",
        feature = "signatures-bindings",
        feature = "compute-bindings",
        feature = "httpsig-bindings",
        feature = "local-bindings",
        feature = "verify-bindings",
        feature = "bundle-bindings"
    )
))]
pub mod bindings;
#[cfg(target_family = "wasm")]
pub mod web;

pub use error::{Error, ErrorKind, Result};

/// Compiles the code of the guide for Rust programs.
#[cfg(all(doctest, feature = "wasmi"))]
#[doc = include_str!("../docs/rust.md")]
pub struct RustGuide;
