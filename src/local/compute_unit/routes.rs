//! The compute unit: results, dryruns, state.

use serde_json::{Map, Value, json};

use crate::ans104::{DataItem, Draft, Tag};
use crate::arweave::{Id, from_base64url, to_base64url};
use crate::error::{ErrorKind, Result};
use crate::local::compute_unit::module_input as message;
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::network::{Network, missing_record};
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::scheduler::unit::{ScheduleOptions, Way};
use crate::local::store::records as store;

/// Most results of a page, and how many it has when nobody says.
const MOST: usize = 1000;
const PAGE: usize = 25;
/// More entries than a process will ever have.
const MOST_ENTRIES: u64 = u32::MAX as u64 - 1;

impl<H: Platform> Network<H> {
    /// Answers under `/cu`.
    pub(crate) async fn compute_unit(
        &mut self,
        request: &Request,
        route: &PathAndQuery,
        path: &[&str],
    ) -> HttpResult<Response> {
        match (request.method.as_str(), path) {
            ("GET", []) => {
                let body = json!({ "timestamp": self.platform.now(), "address": self.address.to_string() });
                Ok(Response::json(200, &body))
            }
            ("GET" | "POST", ["result", message]) => {
                let process = self.ready(&route.id("process-id")?.to_string()).await?;
                let index = self.find(&process, message).await?;
                Ok(Response::raw_json(
                    200,
                    self.outcome(&process, index).await?.result.get().into(),
                ))
            }
            ("GET", ["results", process]) => {
                let process = self.ready(process).await?;
                self.results(&process, route).await
            }
            ("POST", ["dry-run"]) => {
                let process = self.ready(&route.id("process-id")?.to_string()).await?;
                let given = serde_json::from_slice(&request.body);
                let given =
                    given.map_err(|error| HttpError::bad(format!("The body is no message in JSON: {error}")))?;
                check_dryrun(&given)?;
                let result = self.dryrun(&process, given, route.get("to")).await?;
                Ok(Response::raw_json(200, result))
            }
            ("GET", ["state", process]) => {
                let process = self.ready(process).await?;
                self.memory(&process, route).await
            }
            ("POST", ["fork", process]) => {
                let process = self.ready(process).await?;
                self.fork(&process, route).await
            }
            (method, [] | ["result" | "results" | "state" | "fork", _] | ["dry-run"]) => Err(HttpError::method(method)),
            _ => Err(HttpError::missing("The compute unit has nothing at this path")),
        }
    }

    /// The id of a process that there is, all of whose messages are evaluated.
    pub(crate) async fn ready(&mut self, process: &str) -> HttpResult<Id> {
        let id = self.known(process).await?;
        // Whatever has come to it by way of another page.
        if self.queue.has(&id) {
            self.settle_all().await?;
            return self.known(process).await;
        }
        Ok(id)
    }

    pub(crate) async fn dryrun(
        &mut self,
        process: &Id,
        given: Map<String, Value>,
        to: Option<&str>,
    ) -> HttpResult<String> {
        let count = self.moment(process, to).await?;
        let last = self.entry(process, count - 1)?;
        let message = message::dryrun(process, last, given, &self.options.blocks);
        Ok(self.preview(process, count, &message).await?)
    }

    /// How many entries there are up to a message or a slot, and with it; all of them when none is named.
    async fn moment(&mut self, process: &Id, to: Option<&str>) -> HttpResult<usize> {
        match to {
            Some(message) => Ok(self.find(process, message).await? + 1),
            None => {
                let schedule = self
                    .schedules
                    .get(process)
                    .ok_or_else(|| missing_record("a schedule"))?;
                Ok(schedule.entries.len())
            }
        }
    }

    async fn results(&mut self, process: &Id, route: &PathAndQuery) -> HttpResult<Response> {
        let descending = match route.get("sort").unwrap_or("ASC") {
            "ASC" => false,
            "DESC" => true,
            other => {
                return Err(HttpError::bad(format!(
                    "sort must be ASC or DESC, and is \"{other:.16}\""
                )));
            }
        };
        let limit = route.limit(PAGE, MOST)?;
        let from = route.get("from").map(|text| self.cursor(process, text)).transpose()?;
        let to = route.get("to").map(|text| self.cursor(process, text)).transpose()?;
        let entries = self.schedules.get(process).map_or(0, |schedule| schedule.entries.len());
        // After `from`, up to `to` and with it, in the order that was asked for.
        let inside = match descending {
            false => from.map_or(0, |from| from + 1)..to.map_or(entries, |to| (to + 1).min(entries)),
            true => to.unwrap_or(0)..from.unwrap_or(entries).min(entries),
        };
        let more = inside.len() > limit;
        let page: Vec<usize> = match descending {
            false => inside.take(limit).collect(),
            true => inside.rev().take(limit).collect(),
        };
        let mut edges = Vec::with_capacity(page.len());
        for index in page {
            let cursor = cursor_of(self.entry(process, index)?.timestamp, index);
            let result = self.outcome(process, index).await?.result;
            edges.push(format!(r#"{{"cursor":"{cursor}","node":{result}}}"#));
        }
        let edges = edges.join(",");
        let body = format!(r#"{{"pageInfo":{{"hasNextPage":{more}}},"edges":[{edges}]}}"#);
        Ok(Response::raw_json(200, body))
    }

    /// The number of the entry at which a cursor points; a message's id will do, too.
    fn cursor(&self, process: &Id, text: &str) -> HttpResult<usize> {
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        let place = Id::parse(text, "cursor").ok().and_then(|id| schedule.place(&id));
        let cursor = || {
            let bytes = from_base64url(text)?;
            let cursor: Value = serde_json::from_slice(&bytes).ok()?;
            // Of one that is no place of ours, only the direction counts.
            usize::try_from(cursor["ordinate"].as_u64()?.min(MOST_ENTRIES)).ok()
        };
        place
            .or_else(cursor)
            .ok_or_else(|| HttpError::bad("The cursor is none of this process. Take it from an earlier page"))
    }

    /// Raw memory, compressed on its way.
    async fn memory(&mut self, process: &Id, route: &PathAndQuery) -> HttpResult<Response> {
        let count = self.moment(process, route.get("to")).await?;
        let last = self.entry(process, count - 1)?;
        let (timestamp, nonce) = (last.timestamp, last.nonce);
        let checkpoint = self.state(process, count).await?.checkpoint()?;
        Ok(Response::new(200, "application/octet-stream", checkpoint)
            .with_header("content-encoding", "gzip")
            .with_header("last-timestamp", timestamp)
            .with_header("last-ordinate", nonce)
            .with_header("last-block-height", self.options.blocks.height(timestamp)))
    }

    /// `POST /fork/:process?slot=…`: a new process, which goes on from another's state at that slot.
    async fn fork(&mut self, process: &Id, route: &PathAndQuery) -> HttpResult<Response> {
        let index = self.moment(process, route.get("slot")).await? - 1;
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        let nonce = self.entry(process, index)?.nonce;
        let mut tags = schedule.tags.clone();
        tags.push(Tag::new("Forked-From", process.to_string()));
        tags.push(Tag::new("Forked-Slot", nonce.to_string()));
        // Two forks of the same slot are two processes.
        tags.push(Tag::new("Forked-At", self.platform.now().to_string()));
        let draft = Draft {
            tags,
            ..Draft::default()
        };
        let image = self.state(process, index + 1).await?.snapshot()?;
        let data = store::named_item(&*self.platform, process).await?;
        let signed = self.platform.sign(draft, data.item.data().to_vec()).await?;
        let item = DataItem::parse(signed.raw)?;
        let id = item.id();
        // It begins with this, and does not look at its parent again.
        self.platform.put(&store::snapshot_name(&id, 1), &image).await?;
        let mut placing = ScheduleOptions::root(id);
        placing.way = Way::Fork {
            process: *process,
            index,
        };
        self.place(&id, &item, placing).await?;
        let body = json!({ "id": id.to_string(), "process": process.to_string(), "slot": nonce });
        Ok(Response::json(201, &body))
    }

    /// The entry's result.
    pub(crate) async fn result(&mut self, process: &Id, index: usize) -> Result<String> {
        Ok(self.outcome(process, index).await?.result.get().to_owned())
    }
}

/// In the words, and with the status, of permaweb's unit.
fn check_dryrun(given: &Map<String, Value>) -> HttpResult<()> {
    let mut missing = Vec::new();
    if !given.get("Owner").is_some_and(Value::is_string) {
        // The sender follows from the owner.
        missing.extend(["'Owner': Required.", "'From': Required."]);
    }
    if !given.get("Tags").is_some_and(Value::is_array) {
        missing.push("'Tags': Required.");
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(HttpError::new(500, ErrorKind::BadArgument, missing.join(" | "))),
    }
}

fn cursor_of(timestamp: u64, index: usize) -> String {
    to_base64url(
        json!({ "timestamp": timestamp, "ordinate": index })
            .to_string()
            .as_bytes(),
    )
}
