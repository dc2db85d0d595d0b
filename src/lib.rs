//! SDK for the AO computer: data items, signers, the verbs of AO, process modules, and a whole AO network.
//!
//! | module | contents |
//! |---|---|
//! | [`error`] | [`Error`], the error type of the crate; its kinds have stable codes |
//! | [`ans104`] | data items: parsing, signing, verification; tags and the deep hash |
//! | [`arweave`] | ids, addresses, wallet keys, RSA-PSS |
//! | [`signer`] | the [`Signer`](signer::Signer) and [`Verifier`](signer::Verifier) traits, and the signer of a wallet key |
//! | [`protocol`] | AO's vocabulary: the tags of messages and processes, in their order, and the answers of units |
//! | [`platform`] | what the crate needs from its surroundings, as small traits |
//! | [`client`] | the verbs, over messenger, scheduler and compute units and over HyperBEAM nodes |
//! | `compute` | process modules: formats, host functions, engines, snapshots (features `compute`, `wasmi`) |
//! | `local` | an AO network that takes requests and returns responses (feature `local`) |
//! | `httpsig` | signed AO-Core messages on HTTP (feature `httpsig`) |
//! | `web` | the browser as a platform (wasm32 only) |
//! | `bindings` | the exports of the npm package's artefacts (wasm32 only) |
//!
//! Dependencies lean one way: `bindings → web, local, client → compute, protocol, signer → ans104, httpsig, arweave →
//! error`, with `platform` under all that need surroundings. Everything but `web` and `bindings` is plain Rust: it compiles
//! natively and contains no JavaScript.
//!
//! # Features, and the artefacts of the npm package
//!
//! An artefact is a WebAssembly build of this crate. Every page loads the client (`aoxide.wasm`), and fetches the others on
//! first use.
//!
//! | feature | what it adds |
//! |---|---|
//! | `rsa` (default) | RSA in Rust: signs and verifies natively, and in a browser what `SubtleCrypto` cannot do |
//! | `compute` | process modules, on an engine that the caller brings |
//! | `wasmi` | the interpreter, an engine that runs everywhere |
//! | `local` | an AO network: messenger, scheduler and compute unit, gateway, HyperBEAM node |
//! | `httpsig` | signed HTTP messages |
//! | `client-bindings` (default) | exports of the client; built without `rsa` |
//! | `rsa-bindings` | exports of `rsa` |
//! | `compute-bindings` | exports of `compute`, which uses the runtime's WebAssembly as its engine; with `wasmi`, of `compute-wasmi` |
//! | `httpsig-bindings` | exports of `httpsig` |
//! | `local-bindings` | exports of `local`; with `wasmi`, of `local-wasmi` |
//!
//! A Rust program needs no bindings. In a browser it uses [`client::Client`] over `web::WebPlatform`, with
//! `default-features = false`.

pub mod ans104;
#[cfg(any(feature = "httpsig", feature = "local"))]
mod ao_types;
pub mod arweave;
pub mod client;
#[cfg(feature = "compute")]
pub mod compute;
pub mod error;
#[cfg(feature = "httpsig")]
pub mod httpsig;
#[cfg(feature = "local")]
pub mod local;
pub mod platform;
pub mod protocol;
pub mod signer;

#[cfg(all(
    target_family = "wasm",
    any(
        feature = "client-bindings",
        feature = "rsa-bindings",
        feature = "compute-bindings",
        feature = "httpsig-bindings",
        feature = "local-bindings"
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
