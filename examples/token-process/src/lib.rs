//! An AO process: a token, with the actions and tags of AO's standard token.
//!
//! | file | content |
//! |---|---|
//! | `token` | the process: its state, and its answers |
//! | `ao` | the types of messages and results |
//! | `abi` | the functions that a compute unit calls |

// A native build has only the tests.
#![cfg(any(test, target_family = "wasm"))]

#[cfg(target_family = "wasm")]
mod abi;
mod ao;
mod token;
