//! Checks every record of the store for damage.

use serde_json::Value;

use super::items::{self, StoredItem};
use super::{names, records, transactions};
use crate::error::Result;
use crate::local::hyperbeam::http_message::{self, VerifiedMessage};
use crate::local::platform::Platform;

/// Headers and body of a signed HTTP message, and the time at which it arrived, in milliseconds.
pub(crate) type Original = (Vec<(String, String)>, Vec<u8>, u64);

/// Lists the names of all records with content, except snapshots, which can be computed again.
pub(crate) async fn list(platform: &impl Platform) -> Result<Vec<String>> {
    let mut listed = Vec::new();
    for kind in [
        names::ITEMS,
        names::HTTP_MESSAGES,
        "module/",
        names::ADDED,
        names::TRANSACTIONS,
        names::WEAVE,
        names::MONITORS,
        "published/",
    ] {
        listed.extend(platform.names(kind).await?);
    }
    for id in platform
        .names(names::TRANSACTIONS)
        .await?
        .iter()
        .filter_map(|name| names::id_in(name))
    {
        // A damaged transaction is in the list already.
        if let Ok(Some(stored)) = transactions::get(platform, &id).await
            && let Some(root) = &stored.transaction.root
        {
            listed.extend(platform.names(&names::chunks(root)).await?);
        }
    }
    for process in platform
        .names(names::PROCESSES)
        .await?
        .iter()
        .filter_map(|name| names::id_in(name))
    {
        for kind in ["entry", "assignment", "result"] {
            listed.extend(platform.names(&format!("{kind}/{process}/")).await?);
        }
        // Only entries that are not settled can have an undelivered outbox.
        let entries = platform.names(&format!("entry/{process}/")).await?;
        for entry in entries.iter().filter_map(|name| name.rsplit('/').next()) {
            let is_settled = platform.get(&format!("result/{process}/{entry}")).await?.is_some();
            if !is_settled {
                listed.extend(platform.names(&format!("push/{process}/{entry}/")).await?);
            }
        }
    }
    Ok(listed)
}

/// Returns the damaged ones of these records, each with a message that describes the damage.
pub(crate) async fn damaged(platform: &impl Platform, listed: &[String]) -> Result<Vec<(String, String)>> {
    let mut damaged = Vec::new();
    for name in listed {
        match check(platform, name).await {
            Ok(()) => {}
            Err(error) if records::is_damage(&error) => damaged.push((name.clone(), error.message().into())),
            Err(error) => return Err(error),
        }
    }
    Ok(damaged)
}

async fn check(platform: &impl Platform, name: &str) -> Result<()> {
    if name.starts_with(names::HTTP_MESSAGES) {
        let (headers, body, timestamp) = original(platform, name).await?;
        // Without the feature, the caller verifies the message.
        if cfg!(feature = "httpsig") {
            let message = http_message::verify(&headers, &body, timestamp);
            let message = message.map_err(|error| records::damaged(name).with_source(error.into_error()))?;
            return check_original(platform, name, message).await;
        }
        return Ok(());
    }
    match name.strip_prefix(names::ITEMS).and_then(names::id_in) {
        Some(id) => items::get(platform, &id).await.map(|_| ()),
        None => {
            let content = records::get(platform, name).await?;
            match content.filter(|_| name.starts_with("assignment/")) {
                Some(raw) => items::parse(name, raw, None).map(|_| ()),
                None => Ok(()),
            }
        }
    }
}

/// Reads the signed headers and body of a stored HTTP message.
pub(crate) async fn original(platform: &impl Platform, name: &str) -> Result<Original> {
    let (stored, original) = http_message(platform, name).await?;
    let (headers, body) = records::decode::<Value>(name, &original)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let headers = headers.as_array().map(Vec::as_slice).unwrap_or_default();
    let headers = headers.iter().map(|pair| Some((text(&pair[0])?, text(&pair[1])?)));
    let headers: Option<Vec<(String, String)>> = headers.collect();
    let headers = headers.ok_or_else(|| records::damaged(name))?;
    Ok((headers, body.to_vec(), stored.timestamp))
}

/// Checks that the stored item is the one that follows from the signed headers and body. `message` is what the caller
/// verified in them.
pub(crate) async fn check_original(platform: &impl Platform, name: &str, message: VerifiedMessage) -> Result<()> {
    let (stored, _) = http_message(platform, name).await?;
    match message.into_item() {
        Ok(item) if item.as_bytes() == stored.item.as_bytes() => Ok(()),
        _ => Err(records::damaged(name)),
    }
}

async fn http_message(platform: &impl Platform, name: &str) -> Result<(StoredItem, Vec<u8>)> {
    let stored = match names::id_in(name).filter(|_| name.starts_with(names::HTTP_MESSAGES)) {
        Some(id) => items::get_http_message(platform, &id).await?,
        None => None,
    };
    stored.ok_or_else(|| records::missing(name))
}
