//! aoxide: the AO computer's SDK for the browser.
//!
//! | room | what lives there |
//! |---|---|
//! | [`error`] | the one [`Error`] of the crate, with a kind that has a stable code |
//! | [`ans104`] | data items: bytes in, bytes out. Tags, deep hash, parsing, verification |
//! | [`arweave`] | ids, addresses, wallet keys, RSA-PSS |
//! | [`signer`] | the [`Signer`](signer::Signer) trait, and the signer of a wallet key |
//! | [`protocol`] | AO's vocabulary: which tags a message or process carries, in which order |
//! | [`platform`] | what the code needs from its surroundings, as small traits |
//! | [`client`] | the verbs: spawn, message, result, dryrun … over MU, SU and CU, and over HyperBEAM nodes |
//! | `compute` | running process modules: formats, host functions, engines, snapshots (features `compute`, `wasmi`) |
//! | `local` | a whole AO network as one value, over HTTP without a wire (feature `local`) |
//! | `httpsig` | AO-Core messages on HTTP: structured fields, multipart, signatures (feature `httpsig`) |
//! | `web` | the browser as a host (wasm32 only) |
//! | `bindings` | what JavaScript sees (wasm32 only, for the npm package) |
//!
//! Dependencies lean one way: `bindings → web, local, client → compute, protocol, signer → ans104, httpsig, arweave →
//! error`, with `host` under `client`, `local`, `signer` and `web`. Everything but `web` and `bindings` is plain Rust,
//! compiles natively, and knows no JavaScript.
//!
//! # Features, and the seven artefacts of the npm package
//!
//! | feature | what it brings |
//! |---|---|
//! | `rsa` (default) | RSA in Rust: signing and verifying natively, and in a browser what `SubtleCrypto` cannot do |
//! | `compute` | running process modules, on an engine that is there |
//! | `wasmi` | an engine that is always there: the interpreter |
//! | `local` | a whole AO network in memory: messenger, scheduler, compute unit, gateway |
//! | `client-bindings` | the first artefact, which every page loads: the client, without `rsa` |
//! | `rsa-bindings` | the second artefact, fetched on first need: `rsa` alone |
//! | `compute-bindings` | the third artefact, fetched by those who run modules: `compute` over the runtime's own engine; and the fourth, with `wasmi`: over the interpreter, where the runtime's own cannot |
//! | `httpsig` | HTTP message signatures |
//! | `httpsig-bindings` | the fifth artefact, fetched by those who use them: `httpsig` alone |
//! | `local-bindings` | the sixth artefact, fetched by those who run a network: `local`; and the seventh, with `wasmi` |
//!
//! A Rust program for the browser wants none of the bindings: it uses [`client::Client`] over `web::WebPlatform`.

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
