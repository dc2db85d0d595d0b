//! The verbs of AO on HyperBEAM nodes: one address for everything.
//!
//! What is sent is a signed data item, and the item *is* the request: its tags say what shall happen, and what the answer
//! shall look like. What is only read needs no signature, and goes without one unless the caller wants otherwise.

mod ask;
mod read;
mod send;

pub use ask::{Answer, Delivered, Fields, How};
pub use read::{Moment, Read, path_of};
pub use send::{ADDRESS, Delivery, Process, SPAWN};

use std::rc::Rc;

use crate::host::{Http, Random};

/// Where aoconnect's mainnet mode goes when it is not told otherwise.
pub const DEFAULT_NODE: &str = "https://tee-6.forward.computer";

/// The verbs, bound to a node and to a host.
pub struct Mainnet<H> {
    host: H,
    node: Rc<str>,
}

impl<H: Http + Random> Mainnet<H> {
    pub fn new(host: H, node: &str) -> Self {
        Self {
            host,
            node: node.into(),
        }
    }

    /// The same node over another host: for one call that shall be more patient, say.
    pub fn over<G>(&self, host: G) -> Mainnet<G> {
        Mainnet {
            host,
            node: self.node.clone(),
        }
    }
}
