//! The verbs of the legacy network, over its messenger (MU), scheduler (SU) and compute units (CU) and a gateway.

mod compute_unit;
mod gateway;
mod messenger_unit;
mod scheduler_unit;

pub use compute_unit::{ResultsRange, Sort};
pub use messenger_unit::{Assign, Receipt, Spawn};
pub use scheduler_unit::{MessageRange, SchedulerCache};

use std::rc::Rc;

use super::url;
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
