//! Hash chains of schedules, as permaweb's scheduler unit and as a HyperBEAM node compute them.

use sha2::{Digest, Sha256};

use crate::arweave::Id;

/// The hash chain of a process's first assignment.
pub fn first_chain(process: &Id) -> Id {
    Id::of(process.as_bytes())
}

/// The hash chain of an assignment: the hash of the previous assignment's id and that assignment's chain.
pub fn next_chain(assignment: &Id, chain: &Id) -> Id {
    let hash = Sha256::new()
        .chain_update(assignment.as_bytes())
        .chain_update(chain.as_bytes());
    Id::from_bytes(hash.finalize().into())
}

/// The hash chain of a HyperBEAM node: the hash of the previous chain, if there is one, and of the message's id as text.
pub fn next_node_chain(chain: Option<&Id>, message: &Id) -> Id {
    let hash = Sha256::new()
        .chain_update(chain.map(Id::as_bytes).map(<[u8; 32]>::as_slice).unwrap_or_default())
        .chain_update(message.to_string());
    Id::from_bytes(hash.finalize().into())
}
