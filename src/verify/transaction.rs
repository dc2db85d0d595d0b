//! Transactions of the base layer, which a process can be assigned like messages.

use serde_json::Value;

use super::{Gateway, ItemParts};
use crate::arweave::{Id, pss};
use crate::base_layer::transaction::{bytes, tags, text};
use crate::base_layer::{Transaction, merkle};
use crate::error::Result;
use crate::platform::{Clock, Download, Http, Timers};

impl<H: Http + Clock + Timers, D: Download> Gateway<'_, H, D> {
    /// Reads a transaction of the base layer, as the parts of an item whose anchor is the transaction's `last_tx`. `data` is its
    /// data. `None` where the gateway has no transaction with this id, and where its signature or its data do not belong to it.
    pub(super) async fn transaction(&self, id: &Id, data: Vec<u8>) -> Option<ItemParts> {
        let url = format!("{}/tx/{id}", self.address);
        let given = self.downloads.download(&url).await.ok()?;
        let given: Value = serde_json::from_slice(&given).ok()?;
        let parts = match given["format"].as_u64() {
            Some(1) => first_format(&given, data).ok()?,
            _ => second_format(&given, data),
        };
        parts.filter(|parts| parts.id() == *id)
    }
}

/// Format 2 signs the root of the tree over the data.
fn second_format(given: &Value, data: Vec<u8>) -> Option<ItemParts> {
    let transaction = Transaction::read(given).ok()?;
    let has_data = match &transaction.root {
        None => data.is_empty(),
        Some(root) => transaction.size == data.len() as u64 && merkle::chunks(&data, root.as_bytes()).is_some(),
    };
    let signed = has_data && pss::verify(&transaction.owner, &transaction.hash(), &transaction.signature);
    signed.then_some(ItemParts {
        signature: transaction.signature,
        owner: transaction.owner,
        target: transaction.target,
        anchor: transaction.last_tx,
        tags: transaction.tags,
        data,
    })
}

/// Format 1, which ended in 2020, signs the data itself.
fn first_format(given: &Value, data: Vec<u8>) -> Result<Option<ItemParts>> {
    let parts = ItemParts {
        signature: bytes(given, "signature")?,
        owner: bytes(given, "owner")?,
        target: bytes(given, "target")?,
        anchor: bytes(given, "last_tx")?,
        tags: tags(&given["tags"])?,
        data,
    };
    let (quantity, reward) = (text(given, "quantity")?, text(given, "reward")?);
    let mut signed = [
        &parts.owner[..],
        &parts.target,
        &parts.data,
        quantity.as_bytes(),
        reward.as_bytes(),
        &parts.anchor,
    ]
    .concat();
    for tag in &parts.tags {
        signed.extend_from_slice(&tag.name);
        signed.extend_from_slice(&tag.value);
    }
    Ok(pss::verify(&parts.owner, &signed, &parts.signature).then_some(parts))
}
