//! The light client: schedules, replays, views, checkpoints and nodes, recorded and as an adversary changes them.
#![cfg(not(target_family = "wasm"))]

#[path = "../support/memory_store.rs"]
mod memory_store;
#[path = "../support/recording.rs"]
mod recording;
#[path = "../support/mod.rs"]
mod support;

mod adversary;
mod checkpoint;
mod light_client;
mod mutations;
mod node;
mod old;
mod random;
mod recorded;
mod replay;
mod schedule;
mod scheduled;
mod sources;
mod view;
