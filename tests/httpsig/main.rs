//! HTTP messages and their signatures: the examples of the RFCs, the encoding of nodes, round trips, malformed messages.
#![cfg(not(target_family = "wasm"))]

mod attacks;
mod forged;
mod honest;
mod hyperbeam;
mod linked;
mod malformed_messages;
mod recorded;
mod rfc;
mod roundtrip;
mod support;
mod wire;
