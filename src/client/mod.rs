//! The verbs of AO: [`Client`] over the units of the legacy network, [`mainnet::Mainnet`] over HyperBEAM nodes.
//!
//! Both are generic over the [`platform`](crate::platform): the same code runs in a page, in a test and in a native program.

mod endpoints;
mod http;
mod legacy;
pub mod mainnet;
mod message;
mod retry;
mod url;

pub use endpoints::Endpoints;
pub use legacy::{Assign, Client, MessageRange, Receipt, ResultsRange, SchedulerCache, Sort, Spawn, UnitRead, Units};
pub use message::Message;
pub use retry::{Retry, RetryTransport};
