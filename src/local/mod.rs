//! A whole AO network as one value: a request in, a response out.
//!
//! [`Network`] answers at the paths at which real units answer, so that ordinary clients work with it: over a port, in a Service
//! Worker, or by direct calls.
//!
//! | path | unit |
//! |---|---|
//! | `/mu/…` | messenger: messages, spawns, monitors, assignments |
//! | `/su/…` | scheduler: slots, assignments, schedules |
//! | `/cu/…` | compute unit: results, dryruns, state |
//! | `/raw/:id`, `/:id`, `/tx/…`, `/block/…`, `/graphql`, … | gateway |
//! | `/~meta@1.0/…`, `/:process~process@1.0/…`, `/push`, … | HyperBEAM node |
//!
//! ```no_run
//! use aoxide::local::{PlatformParts, MemoryStorage, Network, Options, Request};
//! # async fn example<K>(key: K, clock: impl aoxide::platform::Clock) -> aoxide::Result<()>
//! # where K: aoxide::signer::Signer<Data = Vec<u8>, Item = Vec<u8>> + aoxide::signer::Verifier {
//! let platform = PlatformParts { storage: MemoryStorage::default(), clock, key };
//! let mut network = Network::open(platform, Options::default()).await?;
//! let response = network.fetch(Request::get("/~meta@1.0/info/address")).await;
//! # Ok(())
//! # }
//! ```
//!
//! | file or folder | content |
//! |---|---|
//! | `network` | the public type: routes requests to the units |
//! | `units` | scheduler and compute unit together: settles entries |
//! | `context`, `options`, `event`, `platform` | what all units share |
//! | `http`, `path_and_query` | requests, responses, errors, paths |
//! | `admission` | verifies what is sent to the network |
//! | `messenger` | MU: takes messages, delivers outboxes |
//! | `scheduler` | SU: slots, assignments, hash chains, crons |
//! | `compute_unit` | CU: evaluation, results, the pool of live processes |
//! | `gateway` | data by id, searches |
//! | `hyperbeam` | the same by the paths of a HyperBEAM node |
//! | `store` | records, their names and their checksums; stores in memory and in a folder |
//! | `json`, `tags`, `blocks` | items in JSON, tags by name, block heights |
//!
//! A message is stored before its request is answered. Everything else follows from the schedule. Work that a crash interrupts
//! is finished when the network is opened again, and nothing is done twice.

mod admission;
mod blocks;
mod compute_unit;
mod context;
mod event;
mod gateway;
mod http;
mod hyperbeam;
mod json;
mod messenger;
mod network;
mod options;
mod path_and_query;
mod platform;
mod scheduler;
mod store;
mod tags;
mod units;

pub use blocks::Blocks;
pub use event::Event;
pub use http::{Request, Response};
pub use hyperbeam::http_message::VerifiedMessage;
pub use network::Network;
pub use options::Options;
pub use platform::{Platform, PlatformParts};
#[cfg(not(target_family = "wasm"))]
pub use store::directory::DirectoryStorage;
pub use store::memory::MemoryStorage;
pub use store::records::key_type;
