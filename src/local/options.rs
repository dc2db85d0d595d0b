//! Options of a network.

use super::blocks::Blocks;
use crate::compute::Limits;

/// Limits of a network, and its address on the web.
#[derive(Debug, Clone)]
pub struct Options {
    /// The URL under which clients reach the network: `http://127.0.0.1:4000`. A search for the scheduler's location
    /// returns it.
    pub url: String,
    /// Limits for one message. Without a limit on `compute`, a process that loops forever is never stopped. With one, some
    /// engines have to count instructions and run slower.
    pub limits: Limits,
    /// Maximum number of processes that keep their memory in the pool. Browsers reserve gigabytes of address space for each.
    pub live: usize,
    /// Maximum number of bytes that the processes in the pool may hold together. An aos process holds 70 MB and more in the
    /// interpreter, and a few MB on the platform's own engine. As many bytes again are allowed for the memory images of
    /// processes that have released their memory. The process that runs stays in the pool, whatever its size.
    pub live_memory: u64,
    /// A snapshot of a process is taken after every so many of its messages.
    pub snapshot_every: usize,
    /// Maximum number of snapshots that are kept of one process.
    pub snapshots: usize,
    /// Maximum number of messages that one message may lead to.
    pub cascade: usize,
    /// Maximum number of missed cron ticks of one process that are caught up on at once.
    pub ticks: usize,
    /// Maximum size of a request's body, in bytes.
    pub body: usize,
    /// Block heights, which assignments and messages carry.
    pub blocks: Blocks,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "http://localhost".into(),
            limits: Limits::default(),
            live: 64,
            live_memory: 512 << 20,
            snapshot_every: 64,
            snapshots: 8,
            cascade: 1000,
            ticks: 100,
            body: 100 << 20,
            blocks: Blocks::default(),
        }
    }
}
