//! The client on a scripted platform: the requests of its verbs, how it reads responses, and retries.
#![cfg(not(target_family = "wasm"))]

#[path = "../support/mod.rs"]
mod support;

mod http_messages;
mod hyperbeam;
mod legacy;
mod mainnet;
mod responses;
mod retry;
