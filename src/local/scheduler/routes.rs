//! What the scheduler unit answers under `/su`: schedules, single entries, processes, its clock.
//!
//! Paths, members, statuses and errors are those of permaweb's unit; the recordings are in `tests/vectors/legacy`.

use serde_json::{Value, json};

use crate::arweave::Id;
use crate::error::{ErrorKind, Result};
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::json as shown;
use crate::local::network::Network;
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::Entry;
use crate::local::store::records as store;

/// Entries of a page when nothing is said, and at most.
const PAGE: usize = 100;
const LONGEST_PAGE: usize = 1000;

impl<H: Platform> Network<H> {
    /// Answers under `/su`.
    pub(crate) async fn scheduler(
        &mut self,
        request: &Request,
        route: &PathAndQuery,
        path: &[&str],
    ) -> HttpResult<Response> {
        match (request.method.as_str(), path) {
            ("POST", []) if route.has("process-id") && route.has("assign") => {
                let (process, index) = self.assign(route).await?;
                let id = self.assignment(&process, index).await?.id();
                self.accepted(&process, index, &id)
            }
            ("POST", []) => {
                let item = self.admit(&request.body).await?;
                if self.is_scheduled(&item).await? {
                    return Err(refusal("MessageExists(\"Message already exists\")"));
                }
                let (process, index) = self.accept(&item, false).await?;
                self.accepted(&process, index, &item.id())
            }
            ("GET", []) => {
                let body = json!({ "address": self.address.to_string(), "timestamp": self.platform.now().to_string() });
                Ok(Response::json(200, &body))
            }
            ("GET", ["health"]) => Ok(Response::new(200, "text/plain; charset=utf-8", "")),
            ("GET", ["timestamp"]) => {
                let now = self.platform.now();
                let body = json!({ "timestamp": now.to_string(), "block_height": self.options.blocks.padded(now) });
                Ok(Response::json(200, &body))
            }
            ("GET", ["processes", process]) => {
                let unknown = || refusal("NotFound(\"Process not found\")");
                let id = Id::parse(process, "process").map_err(|_| unknown())?;
                if !self.find_process(&id).await? {
                    return Err(unknown());
                }
                let kept = store::named_item(&*self.platform, &id).await?;
                Ok(Response::json(200, &shown::process(&kept, &self.options.blocks)))
            }
            ("GET", [process, "latest"]) => self.latest(process).await,
            ("GET", [id]) => self.one_or_page(id, route).await,
            ("GET", _) => Err(HttpError::missing("The scheduler has nothing at this path")),
            (method, _) => Err(HttpError::method(method)),
        }
    }

    fn accepted(&self, process: &Id, index: usize, id: &Id) -> HttpResult<Response> {
        let timestamp = self.entry(process, index)?.timestamp;
        Ok(Response::json(
            200,
            &json!({ "id": id.to_string(), "timestamp": timestamp }),
        ))
    }

    /// The newest message; the process's own item is none.
    async fn latest(&mut self, process: &str) -> HttpResult<Response> {
        let process = self.scheduled_process(process).await?;
        let newest = self.schedules.get(&process).and_then(|known| known.newest());
        match newest.filter(|index| *index > 0) {
            Some(index) => Ok(Response::json(200, &self.entry_body(&process, index, false).await?)),
            None => Err(refusal("Latest message not available")),
        }
    }

    /// `/:id?process-id=…`: the schedule, where the id is that of the process or of its own assignment; else one entry.
    async fn one_or_page(&mut self, id: &str, route: &PathAndQuery) -> HttpResult<Response> {
        let Some(process) = route.get("process-id") else {
            let message = "Query deserialize error: missing field `process-id`";
            return Ok(Response::new(400, "text/plain; charset=utf-8", message));
        };
        let process = self.scheduled_process(process).await?;
        let id = Id::parse(id, "id").map_err(|_| not_found())?;
        if id == process {
            return self.page(&process, route).await;
        }
        if let Some(index) = self.assigned(&process, &id).await? {
            return match index {
                0 => self.page(&process, route).await,
                _ => Ok(Response::json(200, &self.entry_body(&process, index, false).await?)),
            };
        }
        let schedule = self.schedules.get(&process);
        let index = schedule.and_then(|known| known.place(&id).filter(|index| !known.entries[*index].is_tick()));
        // A unit loses sight of messages that were assigned, under every process.
        let is_assigned = self.platform.get(&store::assigned_name(&id)).await?.is_some();
        match index.filter(|_| !is_assigned) {
            Some(index) => Ok(Response::json(200, &self.entry_body(&process, index, false).await?)),
            None => Err(not_found()),
        }
    }

    async fn scheduled_process(&mut self, process: &str) -> HttpResult<Id> {
        // To the unit, what is no id is an id that it does not know.
        let id = Id::parse(process, "process").map_err(|_| not_found())?;
        match self.find_process(&id).await? {
            true => Ok(id),
            false => Err(not_found()),
        }
    }

    /// Entries in `(from, to]`, which are slots where one of them is called a nonce, and else timestamps.
    async fn page(&mut self, process: &Id, route: &PathAndQuery) -> HttpResult<Response> {
        let by_nonce = route.has("from-nonce") || route.has("to-nonce");
        let (from, to, key): (_, _, fn(&Entry) -> u64) = match by_nonce {
            true => ("from-nonce", "to-nonce", |entry| entry.nonce),
            false => ("from", "to", |entry| entry.timestamp),
        };
        // The nonce below zero comes before the process's own item. What is no number counts as zero.
        let from = route.get(from).filter(|text| !(by_nonce && text.starts_with('-')));
        let from = from.map(|text| text.parse().unwrap_or(0));
        let to = route.number(to)?.unwrap_or(u64::MAX);
        let limit = route.limit(PAGE, usize::MAX)?.min(LONGEST_PAGE);
        let show_anchor = route
            .get("show-anchor")
            .is_some_and(|text| text == "1" || text == "true");
        let schedule = self.schedules.get(process).ok_or_else(not_found)?;
        let inside = schedule.within(key, from, to);
        // Only a `from` leaves the process's own item out, however early it is.
        let inside = inside.start.max(usize::from(from.is_some()))..inside.end;
        let page: Vec<usize> = schedule
            .slots()
            .get(inside)
            .unwrap_or_default()
            .iter()
            .copied()
            .take(limit)
            .collect();
        let mut edges = Vec::with_capacity(page.len());
        for index in &page {
            let cursor = key(self.entry(process, *index)?).to_string();
            let node = self.entry_body(process, *index, show_anchor).await?;
            edges.push(json!({ "node": node, "cursor": cursor }));
        }
        // A full page always promises another, which may be empty.
        let info = json!({ "has_next_page": page.len() == limit });
        Ok(Response::json(200, &json!({ "page_info": info, "edges": edges })))
    }

    /// `{ message, assignment }`; an assigned message is not shown.
    pub(crate) async fn entry_body(&self, process: &Id, index: usize, show_anchor: bool) -> Result<Value> {
        let entry = self.entry(process, index)?;
        let message = match entry.is_assigned() {
            true => Value::Null,
            false => {
                let kept = store::named_item(&*self.platform, &entry.id).await?;
                let mut message = match entry.id == *process {
                    true => shown::process_item(&kept.item),
                    false => shown::message(&kept.item),
                };
                if kept.is_http {
                    message["signature"] = "".into();
                }
                message
            }
        };
        let assignment = shown::assignment(&self.assignment(process, index).await?, show_anchor);
        Ok(json!({ "message": message, "assignment": assignment }))
    }
}

/// In the unit's own words.
fn refusal(message: &str) -> HttpError {
    HttpError::new(400, ErrorKind::BadArgument, message)
}

fn not_found() -> HttpError {
    HttpError::new(400, ErrorKind::NotFound, "Message or Process not found")
}
