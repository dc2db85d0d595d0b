//! The verbs of AO on HyperBEAM nodes: one address for everything.
//!
//! What is sent is a signed data item, and the item *is* the request: its tags say what shall happen, and what the answer
//! shall look like. What is only read needs no signature, and goes without one unless the caller wants otherwise.
//! [`Mainnet::request`] also sends messages in HTTP's own form, which others have made.

mod delivery_check;
mod reads;
mod request;
mod writes;

pub use delivery_check::{DeliveryCheck, DeliveryStatus};
pub use reads::{Read, StateAt, path_of};
pub use request::{Delivered, HttpMessage, ItemFields, NodeResponse, Payload};
pub use writes::{ADDRESS, Delivery, SPAWN, SpawnParams};

use std::convert::Infallible;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::ans104::Draft;
use crate::error::Result;
use crate::platform::{Http, Random};
use crate::signer::{Signed, Signer};

/// Where aoconnect's mainnet mode goes when it is not told otherwise.
pub const DEFAULT_NODE: &str = "https://tee-6.forward.computer";

/// The verbs, bound to a node and to a platform.
pub struct Mainnet<H> {
    platform: H,
    node: Rc<str>,
}

impl<H: Http + Random> Mainnet<H> {
    pub fn new(platform: H, node: &str) -> Self {
        Self {
            platform,
            node: node.into(),
        }
    }

    /// The same node over another platform: for one call that shall be more patient, say.
    pub fn over<G>(&self, platform: G) -> Mainnet<G> {
        Mainnet {
            platform,
            node: self.node.clone(),
        }
    }
}

/// Stands where nobody signs.
enum NoSigner<I> {
    #[expect(dead_code, reason = "there is none")]
    Never(Infallible, PhantomData<I>),
}

impl<I> Signer for NoSigner<I> {
    type Data = &'static str;
    type Item = I;

    async fn sign(&self, _: Draft, _: &'static str) -> Result<Signed<I>> {
        match *self {
            Self::Never(never, _) => match never {},
        }
    }
}
