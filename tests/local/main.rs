//! The local network: its units, durability, malformed requests, recorded conversations, and processes in Lua.
#![cfg(not(target_family = "wasm"))]

mod damage;
mod durability;
mod gateway;
#[cfg(feature = "httpsig")]
mod http_messages;
mod hyperbeam;
mod malformed_requests;
mod node_followed;
mod node_recording;
mod node_rules;
mod paths;
mod recorded;
mod recording;
mod scenarios;
mod support;
mod tokens;
mod units;
mod verified;
