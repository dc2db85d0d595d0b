//! Slots and assignments, as a HyperBEAM node shows them.

use serde_json::{Map, Value, json};

use crate::ans104::Tag;
use crate::arweave::{Id, to_base64url};
use crate::local::http::{HttpResult, Response, members};
use crate::local::hyperbeam::reply::Shown;
use crate::local::hyperbeam::state::{follow, message_of};
use crate::local::json::text;
use crate::local::network::{Network, missing_record};
use crate::local::path_and_query as route;
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::store::records as store;
use crate::local::store::records::Kept;

/// Most assignments of a page.
const MOST: u64 = 1000;
/// What nodes call the protocol's variant.
const VARIANT: &str = "ao.N.1";

impl<H: Platform> Network<H> {
    /// The number of the newest slot.
    pub(crate) fn current(&self, process: &Id) -> HttpResult<u64> {
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        Ok(schedule.next_nonce().saturating_sub(1))
    }

    /// `…/slot/…`
    pub(crate) fn slot(&self, process: &Id, path: &[&str]) -> HttpResult<Shown> {
        let now = self.platform.now();
        let mut message = self.block(now);
        for (name, value) in [
            ("addresses", Value::from(vec![self.address.to_string()])),
            ("cache-control", "no-store".into()),
            ("current", self.current(process)?.into()),
            ("process", process.to_string().into()),
            ("timestamp", now.into()),
        ] {
            message.insert(name.into(), value);
        }
        follow(message, path)
    }

    /// The newest block at that time.
    fn block(&self, timestamp: u64) -> Map<String, Value> {
        let height = self.options.blocks.height(timestamp);
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&height.to_be_bytes());
        members(vec![
            ("block-hash", to_base64url(&hash).into()),
            ("block-height", height.into()),
        ])
    }

    /// An assignment, with its message in `body`.
    pub(crate) async fn assignment_message(&self, process: &Id, index: usize) -> HttpResult<Map<String, Value>> {
        let kept = store::named_item(&*self.platform, &self.entry(process, index)?.id).await?;
        let mut message = self.assignment_head(process, index)?;
        message.insert("body".into(), message_of(&kept.item).into());
        Ok(message)
    }

    fn assignment_head(&self, process: &Id, index: usize) -> HttpResult<Map<String, Value>> {
        let entry = self.entry(process, index)?;
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        let chain = schedule
            .node_chain(entry.nonce)
            .ok_or_else(|| missing_record("a hash chain"))?;
        let mut message = self.block(entry.timestamp);
        for (name, value) in [
            ("block-timestamp", (entry.timestamp / 1000).into()),
            ("data-protocol", Value::from("ao")),
            ("epoch", "0".into()),
            ("hash-chain", chain.to_string().into()),
            ("path", "compute".into()),
            ("process", process.to_string().into()),
            ("slot", entry.nonce.into()),
            ("timestamp", entry.timestamp.into()),
            ("type", "Assignment".into()),
            ("variant", VARIANT.into()),
        ] {
            message.insert(name.into(), value);
        }
        Ok(message)
    }

    /// `…/schedule/…`: slots `from` to `to`, both included.
    pub(crate) async fn schedule_message(
        &mut self,
        process: &Id,
        route: &PathAndQuery,
        path: &[&str],
    ) -> HttpResult<Shown> {
        let (slots, more) = self.slots_of(process, route)?;
        let mut assignments = Map::new();
        for index in slots {
            let assignment = self.assignment_message(process, index).await?;
            assignments.insert(self.entry(process, index)?.nonce.to_string(), assignment.into());
        }
        let now = self.platform.now();
        let mut message = self.block(now);
        for (name, value) in [
            ("assignments", Value::Object(assignments)),
            ("continues", more.into()),
            ("process", process.to_string().into()),
            ("timestamp", now.into()),
            ("type", "schedule".into()),
        ] {
            message.insert(name.into(), value);
        }
        follow(message, path)
    }

    /// The same as pages of edges, as `application/aos-2` has them.
    pub(crate) async fn schedule_edges(&mut self, process: &Id, route: &PathAndQuery) -> HttpResult<Response> {
        let (slots, more) = self.slots_of(process, route)?;
        let mut edges = Vec::with_capacity(slots.len());
        for index in slots {
            let entry = self.entry(process, index)?;
            let (id, slot) = (entry.id, entry.nonce);
            let head = self.assignment_head(process, index)?;
            let tags = head.iter().filter_map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (!value.is_empty()).then(|| json!({ "name": titled(name), "value": value }))
            });
            let assignment = json!({
                "Anchor": "", "Data": "", "From": "", "Id": self.assignment(process, index).await?.id().to_string(),
                "Owner": "", "PublicKey": "", "Signature": "", "Tags": tags.collect::<Vec<Value>>(), "Target": ""
            });
            let kept = store::named_item(&*self.platform, &id).await?;
            let node = json!({ "assignment": assignment, "message": edge_message(&kept) });
            edges.push(json!({ "cursor": slot, "node": node }));
        }
        let now = self.platform.now();
        let block = self.block(now);
        let info = json!({
            "block-hash": block["block-hash"], "block-height": block["block-height"].to_string(), "has_next_page": more,
            "process": process.to_string(), "timestamp": now.to_string()
        });
        let body = json!({ "edges": edges, "page_info": info });
        Ok(Response::new(200, "application/json", body.to_string())
            .with_header("status", 200)
            .with_header("ao-types", r#"status="integer""#))
    }

    /// The entries of the slots that are asked for, and whether a page was too short for them.
    fn slots_of(&self, process: &Id, route: &PathAndQuery) -> HttpResult<(Vec<usize>, bool)> {
        let current = self.current(process)?;
        // Before the first slot there is nothing.
        let is_negative = |name| {
            route
                .get(name)
                .is_some_and(|text| text.starts_with('-') && text.parse::<i64>().is_ok())
        };
        if is_negative("from") || is_negative("to") {
            return Ok((Vec::new(), false));
        }
        let from = route.number("from")?.unwrap_or(0);
        let end = match route.get("to") {
            Some(text) => route::number(text, "to")?.min(current),
            None => current,
        };
        let to = end.min(from.saturating_add(MOST - 1));
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        let slots = (from..=to).filter_map(|slot| schedule.slot(slot));
        Ok((slots.collect(), to < end))
    }
}

fn edge_message(kept: &Kept) -> Value {
    let (item, head) = (&kept.item, kept.item.head());
    let signature = if kept.is_http {
        String::new()
    } else {
        to_base64url(head.signature())
    };
    let owner = Id::of(head.owner()).to_string();
    let tag = |tag: &Tag| json!({ "name": text(&tag.name), "value": text(&tag.value) });
    json!({
        "Anchor": to_base64url(head.anchor()), "Data": text(item.data()), "From": owner, "Id": item.id().to_string(),
        "Owner": owner, "PublicKey": to_base64url(head.owner()), "Signature": signature,
        "Tags": head.tags().iter().map(tag).collect::<Vec<Value>>(), "Target": to_base64url(head.target())
    })
}

/// A name as legacy units write it: `block-hash` is `Block-Hash`.
pub(crate) fn titled(name: &str) -> String {
    let mut begins = true;
    let titled = name.chars().map(|character| {
        let upper = std::mem::replace(&mut begins, character == '-');
        if upper {
            character.to_ascii_uppercase()
        } else {
            character
        }
    });
    titled.collect()
}

#[cfg(test)]
mod tests {
    use super::titled;

    #[test]
    fn names_get_capital_letters() {
        assert_eq!(titled("block-hash"), "Block-Hash");
        assert_eq!(titled("x-y_z"), "X-Y_z");
        assert_eq!(titled(""), "");
    }
}
