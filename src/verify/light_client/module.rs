//! The module of a process: its item, verified, or its bytes, pinned.

use sha2::{Digest, Sha256};

use super::node;
use super::options::{FollowOptions, Source};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, Timers};
use crate::protocol::{EnvironmentPart, JsonTree};
use crate::signer::{address, hexadecimal};
use crate::verify::{ItemParts, Trusted};

/// The module's part of the environment, and its bytes. `given` are bytes at hand, which are compared as well.
///
/// # Errors
/// `VerifyModule`, `NotFound`; those of the requests.
pub(super) async fn find<H, D>(
    source: &Source<H, D>,
    id: &Id,
    options: &FollowOptions,
    given: Option<Vec<u8>>,
    trusted: &mut Vec<Trusted>,
) -> Result<(EnvironmentPart, Vec<u8>)>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let gateway = source.gateway();
    let at_node = node::item(source, id).await?;
    let Some(pinned) = options.module_sha256 else {
        let item = match (given, at_node) {
            (None, Some(item)) => item,
            (Some(bytes), Some(item)) if bytes == item.data => item,
            (Some(bytes), _) => gateway.module_with(id, bytes).await?,
            (None, None) => gateway.module_with(id, gateway.data(id).await?).await?,
        };
        return Ok((part_of(id, &item), item.data));
    };
    let bytes = match (given, &at_node) {
        (Some(bytes), _) => bytes,
        (None, Some(item)) => item.data.clone(),
        (None, None) => gateway.data(id).await?,
    };
    if <[u8; 32]>::from(Sha256::digest(&bytes)) != pinned {
        let message = format!("The module {id} has another SHA-256 than the one that you pinned. Use another gateway");
        return Err(Error::new(ErrorKind::VerifyModule, message).with_text("id", id.to_string()));
    }
    trusted.push(Trusted::Pinned(hexadecimal(&pinned)));
    if let Some(item) = at_node {
        return Ok((part_of(id, &item), bytes));
    }
    // Processes can read the module's tags. A gateway that does not know it has none to believe.
    let node = match gateway.node(id).await {
        Ok(node) => Some(node),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if node.is_some() {
        trusted.push(Trusted::Gateway(source.gateway.clone()));
    }
    let address = node.as_ref().and_then(|node| node.at(&["owner", "address"]));
    let part = EnvironmentPart {
        id: id.to_string(),
        owner: address.and_then(JsonTree::text).map(str::to_owned),
        tags: node
            .as_ref()
            .and_then(|node| node.get("tags"))
            .map(JsonTree::tags)
            .unwrap_or_default(),
    };
    Ok((part, bytes))
}

fn part_of(id: &Id, item: &ItemParts) -> EnvironmentPart {
    EnvironmentPart {
        id: id.to_string(),
        owner: Some(address::compute_unit(&item.owner)),
        tags: item.text_tags(),
    }
}
