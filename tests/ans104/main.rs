//! Data items, bundles and their signatures.
#![cfg(not(target_family = "wasm"))]

mod allocated;
mod bundles;
mod items;
mod properties;
mod signatures;
