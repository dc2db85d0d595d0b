//! HTTP messages and their signatures: the RFCs' own examples, the form in which nodes write, round trips, malformed messages.
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
