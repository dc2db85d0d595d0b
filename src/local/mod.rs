//! A whole AO network as one value: a request in, a response out.
//!
//! [`Network`] answers at the paths at which real units answer, so that the ordinary clients work against it: behind a
//! port, behind a Service Worker, or without any wire at all.
//!
//! | path | unit |
//! |---|---|
//! | `/mu/…` | messenger: messages, spawns, monitors, assignments |
//! | `/su/…` | scheduler: which message has which slot |
//! | `/cu/…` | compute unit: results, dryruns, state |
//! | `/raw/:id`, `/:id`, `/tx/…`, `/graphql` | gateway |
//! | `/~meta@1.0/…`, `/:process~process@1.0/…`, `/push`, … | HyperBEAM node |
//!
//! ```no_run
//! use aoxide::local::{PlatformParts, MemoryStorage, Network, Options, Request};
//! # async fn example<K>(key: K, clock: impl aoxide::platform::Clock) -> aoxide::Result<()>
//! # where K: aoxide::signer::Signer<Data = Vec<u8>, Item = Vec<u8>> + aoxide::signer::Verifier {
//! let platform = PlatformParts { storage: MemoryStorage::default(), clock, key };
//! let mut network = Network::open(platform, Options::default()).await?;
//! let answer = network.fetch(Request::get("/~meta@1.0/info/address")).await;
//! # Ok(())
//! # }
//! ```
//!
//! | file | what lives there |
//! |---|---|
//! | `network`, `queue`, `route`, `wire` | the value itself, and the way of a request through it |
//! | `messenger`, `door` | MU: what is let in, and what becomes of it |
//! | `scheduler`, `schedule` | SU: slots, assignments, the hash chain |
//! | `scheduler_unit`, `shown` | how these are read |
//! | `compute_unit`, `evaluator`, `ready`, `message`, `modules` | CU: what a process hears, its results, its state at any slot |
//! | `crank`, `cron` | what processes send, and what the clock sends them |
//! | `gateway`, `graphql`, `query` | data by id, and searches |
//! | `hyperbeam`, `hyperbeam_schedule` | the same by the paths of a HyperBEAM node |
//! | `http_message` | messages that come as signed HTTP requests |
//! | `state`, `patches`, `reply` | what processes are and publish there, and the form of replies |
//! | `store`, `storage`, `check` | what is kept, under which name, and where; and whether it is whole |
//!
//! Messages are kept before they are answered. Everything else follows from the schedule: what a crash has cut off is
//! done when the network is next opened, and nothing is done twice.

mod admission;
mod blocks;
mod compute_unit;
mod gateway;
mod http;
mod hyperbeam;
mod join;
mod json;
mod messenger;
mod network;
mod path_and_query;
mod platform;
mod scheduler;
mod store;

pub use blocks::Blocks;
pub use http::{Request, Response};
pub use hyperbeam::http_message::HttpMessage;
pub use network::{Event, Network, Options};
pub use platform::{Platform, PlatformParts};
#[cfg(not(target_family = "wasm"))]
pub use store::memory::DirectoryStorage;
pub use store::memory::MemoryStorage;
