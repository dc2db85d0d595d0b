//! The crate in a browser, as a Rust front end uses it: the platform of the page, signing, requests, modules, a network.
#![cfg(target_family = "wasm")]

// The test runner finds tests in public modules only.
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
