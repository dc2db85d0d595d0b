//! HTTP messages and their signatures: the RFCs' own examples, the form in which nodes write, round trips, hostile input.
#![cfg(not(target_family = "wasm"))]

mod attacks;
mod forged;
mod honest;
mod hostile;
mod hyperbeam;
mod linked;
mod recorded;
mod rfc;
mod support;
mod trips;
mod wire;
