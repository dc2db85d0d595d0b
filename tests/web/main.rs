//! The crate in a browser as a Rust front end uses it: the web platform, signing, requests, modules, a local network.
#![cfg(target_family = "wasm")]

// The test runner finds only tests in public modules.
pub mod compute;
pub mod data;
pub mod fetch;
pub mod legacy;
pub mod local;
pub mod mainnet;
pub mod retry;
pub mod signing;
mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
