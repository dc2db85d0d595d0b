//! The verbs of the legacy network, over its messenger (MU), scheduler (SU) and compute units (CU) and a gateway.

mod gateway;
mod messenger_unit;
mod reads;
mod scheduler_cache;
mod scheduler_unit;

pub use messenger_unit::{Assign, Receipt, Spawn};
pub use reads::{MessageRange, ResultsRange, Sort, UnitRead};
pub use scheduler_cache::SchedulerCache;

use std::rc::Rc;

use super::url;
use crate::arweave::Id;
use crate::error::Result;
use crate::platform::{Clock, Http, Timers};

/// Addresses of the units, and options for queries of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    pub graphql: String,
    pub messenger: String,
    pub compute: String,
    /// By default the scheduler unit is looked up through the router and the gateway.
    pub scheduler: Option<String>,
    /// How often a failed query of the gateway is retried.
    pub graphql_retries: u32,
    /// Milliseconds before the first of these retries. Doubles each time.
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

/// Refuses ids in a non-canonical spelling. A unit would not find them.
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

    /// The platform that sends the requests.
    #[cfg(feature = "verify")]
    pub fn platform(&self) -> &H {
        &self.platform
    }

    /// The address of the compute unit.
    #[cfg(feature = "verify")]
    pub fn compute_unit(&self) -> &str {
        &self.units.compute
    }

    /// The same units and the same cache of schedulers over another platform, for example one with other retries for a single
    /// call.
    pub fn over<G>(&self, platform: G) -> Client<G> {
        Client {
            platform,
            units: self.units.clone(),
            schedulers: self.schedulers.clone(),
        }
    }
}
