//! The verbs of AO: [`Client`] over the units of the legacy network, messenger (MU), scheduler (SU) and compute unit (CU);
//! [`mainnet::Mainnet`] over HyperBEAM nodes.
//!
//! Generic over the [`platform`](crate::platform), so that the same code runs in a page, in a test and in a native program.

mod endpoints;
mod graphql;
mod http;
pub mod mainnet;
mod read;
mod retry;
mod schedule;
mod send;
mod url;

pub use endpoints::Endpoints;
pub use read::{Page, Sort};
pub use retry::{Retry, RetryTransport};
pub use schedule::{MessageRange, SchedulerCache};
pub use send::{Assign, Message, Receipt, Spawn};

use std::rc::Rc;

use crate::arweave::Id;
use crate::error::Result;
use crate::platform::{Clock, Http, Timers};

/// Where the units are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    pub graphql: String,
    pub messenger: String,
    pub compute: String,
    /// The scheduler unit; found through the router and the gateway, when left out.
    pub scheduler: Option<String>,
    /// How often a failed look-up at the gateway is tried again.
    pub graphql_retries: u32,
    /// Milliseconds before the first such try; doubles each time.
    pub graphql_backoff: u32,
}

impl Default for Units {
    fn default() -> Self {
        Self {
            graphql: Self::graphql_of("https://arweave.net"),
            messenger: "https://mu.ao-testnet.xyz".into(),
            compute: "https://cu.ao-testnet.xyz".into(),
            scheduler: None,
            graphql_retries: 0,
            graphql_backoff: 300,
        }
    }
}

impl Units {
    /// The GraphQL address of a gateway.
    pub fn graphql_of(gateway: &str) -> String {
        url::join(gateway, &["graphql"])
    }
}

/// Refuses ids in another spelling than their own, which a unit would not find.
fn check_ids(ids: &[&str]) -> Result<()> {
    ids.iter().try_for_each(|id| Id::check_spelling(id, "The id"))
}

/// The verbs, bound to the units and to a platform.
pub struct Client<H> {
    platform: H,
    units: Rc<Units>,
    schedulers: Rc<SchedulerCache>,
}

impl<H: Http + Clock + Timers> Client<H> {
    pub fn new(platform: H, units: Units) -> Self {
        Self {
            platform,
            units: Rc::new(units),
            schedulers: Rc::default(),
        }
    }

    /// The same units, and what is known of their schedulers, over another platform: for one call that shall be more patient,
    /// say.
    pub fn over<G>(&self, platform: G) -> Client<G> {
        Client {
            platform,
            units: self.units.clone(),
            schedulers: self.schedulers.clone(),
        }
    }
}
