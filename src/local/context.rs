//! What all units of a network share: the platform, the options, the network's address, and the log of events.

use std::rc::Rc;

use super::event::{Event, EventLog};
use super::options::Options;
use super::platform::Platform;
use crate::ans104::{Draft, Head, SignatureType, Tag};
use crate::arweave::Id;
use crate::error::Result;

/// Shared by all units through an `Rc`. Only the log of events changes after [`NetworkContext::new`].
pub(crate) struct NetworkContext<P> {
    pub platform: P,
    pub options: Options,
    /// The address of the network's key. Scheduler, messenger and compute unit all sign with this key.
    pub address: Id,
    /// The type of this key.
    pub key_type: SignatureType,
    /// Makes the anchors of this network's assignments differ from those of every other network.
    pub anchor_seed: Id,
    events: EventLog,
}

impl<P: Platform> NetworkContext<P> {
    /// Signs a probe item: the item contains the address of the key, which a [`Signer`](crate::signer::Signer) does not
    /// return. Its signature becomes the seed of anchors. That of an RSA key has a random part. That of an Ed25519 key has
    /// none, and differs by the time in the item.
    pub(crate) async fn new(platform: P, options: Options) -> Result<Rc<Self>> {
        let probe = Draft {
            tags: vec![
                Tag::new("Type", "Probe"),
                Tag::new("Timestamp", platform.now().to_string()),
            ],
            ..Draft::default()
        };
        let probe = platform.sign(probe, Vec::new()).await?;
        let probe = Head::parse(&probe.raw)?.head;
        Ok(Rc::new(Self {
            address: Id::of(probe.owner()),
            key_type: probe.signature_type(),
            anchor_seed: Id::of(probe.signature()),
            platform,
            options,
            events: EventLog::default(),
        }))
    }

    /// Adds an event to the log.
    pub(crate) fn note(&self, event: Event) {
        self.events.push(event);
    }

    /// Empties the log.
    pub(crate) fn take_events(&self) -> Vec<Event> {
        self.events.take()
    }
}
