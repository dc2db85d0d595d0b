//! An AO process: a counter that any sender can increment.
//!
//! | file | content |
//! |---|---|
//! | `counter` | the process: its state, and its answers |
//! | `ao` | the types of messages and results |
//! | `abi` | the functions that a compute unit calls |
//!
//! To write your own process, copy `ao` and `abi`, and write another `counter`.

// A native build has only the tests.
#![cfg(any(test, target_family = "wasm"))]

#[cfg(target_family = "wasm")]
mod abi;
mod ao;
mod counter;
