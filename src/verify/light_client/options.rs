//! What a light client is told.

use std::rc::Rc;

use crate::arweave::Id;
use crate::client::Client;
use crate::compute::Limits;
use crate::platform::{Clock, Http, PlatformCrypto, Timers};
use crate::verify::{AgeLimits, CheckpointTrust, Gateway};

/// Which unit has the schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ScheduleSource {
    /// The scheduler unit of the client.
    #[default]
    Unit,
    /// The HyperBEAM node at this address. It is also the compute unit to compare with.
    Node(String),
}

/// Where a light client reads from.
pub struct Source<H, D> {
    /// Sends requests to the scheduler unit or the node, to GraphQL, and to the compute unit.
    pub client: Client<H>,
    pub downloads: D,
    pub schedule: ScheduleSource,
    /// The address of the gateway, to which `/raw/{id}` is appended.
    pub gateway: String,
}

impl<H: Http + Clock + Timers, D: crate::platform::Download> Source<H, D> {
    pub(super) fn gateway(&self) -> Gateway<'_, H, D> {
        Gateway::new(&self.client, &self.downloads, &self.gateway)
    }
}

/// Where a replay begins, unless a kept view is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StartAt {
    /// Before slot 0.
    #[default]
    Genesis,
    Checkpoint(CheckpointTrust),
    /// At the state that the compute unit serves. Answers are not verified then.
    State,
    /// What [`LightClient::export`](super::LightClient::export) wrote.
    View(Vec<u8>),
}

/// Which process a light client follows, and whom it trusts.
#[derive(Clone)]
pub struct FollowOptions {
    pub process: Id,
    /// The address that must sign assignments. By default, the one that the process names.
    pub scheduler: Option<Id>,
    pub start: StartAt,
    /// Whether a view that the store keeps is left out. The next one that is stored replaces it.
    pub restarts: bool,
    /// The module's bytes, where they are at hand.
    pub module: Option<Vec<u8>>,
    /// The SHA-256 that the module must have. Its item need not be verified then.
    pub module_sha256: Option<[u8; 32]>,
    pub age: AgeLimits,
    /// How old the checkpoint may be that the replay begins with, in milliseconds. `None` is any age.
    pub checkpoint_age: Option<u64>,
    /// Whether the compute unit is asked, to compare.
    pub has_unit: bool,
    /// Limits for the process.
    pub limits: Limits,
    /// Entries of a page of the schedule.
    pub page: u32,
    /// The platform's own cryptography, where it is faster.
    pub crypto: Option<Rc<dyn PlatformCrypto>>,
}

impl FollowOptions {
    pub fn new(process: Id) -> Self {
        Self {
            process,
            scheduler: None,
            start: StartAt::default(),
            restarts: false,
            module: None,
            module_sha256: None,
            age: AgeLimits::default(),
            checkpoint_age: None,
            has_unit: false,
            limits: Limits::default(),
            page: 100,
            crypto: None,
        }
    }
}
