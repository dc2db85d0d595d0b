//! A process of AO: a counter that everybody may move forward.
//!
//! | file | what lives there |
//! |---|---|
//! | `counter` | the process: what it keeps, and what it answers |
//! | `ao` | what messages and answers look like |
//! | `abi` | how the two pass between a compute unit and this module |
//!
//! For a process of your own, take `ao` and `abi` along and write another `counter`.

// Natively there are only the tests.
#![cfg(any(test, target_family = "wasm"))]

#[cfg(target_family = "wasm")]
mod abi;
mod ao;
mod counter;
