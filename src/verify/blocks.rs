//! The blocks between two messages, for crons.

use serde_json::json;

use super::cron::Moment;
use super::gateway::Gateway;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, Timers};
use crate::protocol::JsonTree;

const BLOCKS: &str = "query GetBlocks($min: Int!, $max: Int!, $first: Int!) { blocks(height: { min: $min, max: $max }, \
    first: $first, sort: HEIGHT_ASC) { edges { node { timestamp height } } } }";

/// Blocks of a page.
const PAGE: u64 = 100;

impl<H: Http + Clock + Timers, D: Download> Gateway<'_, H, D> {
    /// The blocks behind one height and up to another, the oldest first. Their times are the gateway's word.
    ///
    /// # Errors
    /// `BadResponse` where the gateway leaves blocks out; those of the requests.
    pub async fn blocks(&self, after: u64, until: u64) -> Result<Vec<Moment>> {
        let mut blocks = Vec::new();
        let mut next = after.saturating_add(1);
        while next <= until {
            let max = until.min(next.saturating_add(PAGE - 1));
            let variables = json!({ "min": next, "max": max, "first": PAGE });
            let query = json!({ "query": BLOCKS, "variables": variables });
            for edge in self.client.query_blocks(query.to_string()).await? {
                let block = edge
                    .get("node")
                    .and_then(block_of)
                    .filter(|block| block.block_height == next);
                blocks.push(block.ok_or_else(|| missing(next))?);
                next += 1;
            }
            if next <= max {
                return Err(missing(next));
            }
        }
        Ok(blocks)
    }
}

fn block_of(node: &JsonTree) -> Option<Moment> {
    let number = |name: &str| match node.get(name)? {
        JsonTree::Whole(number) => Some(*number),
        other => other.text()?.parse().ok(),
    };
    Some(Moment {
        // Arweave counts seconds.
        timestamp: number("timestamp")?.checked_mul(1000)?,
        block_height: number("height")?,
    })
}

fn missing(height: u64) -> Error {
    let message =
        format!("The gateway does not show block {height}, whose time the process's crons need. Use another gateway");
    Error::new(ErrorKind::BadResponse, message)
}
