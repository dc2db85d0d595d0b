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

const PROCESS: &str = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
const OTHER: &str = "Do_Uc2Sju_ffp6Ev0AnLVdPtot15rvMjP-a9VVaA5fM";
