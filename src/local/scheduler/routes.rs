//! Routes under `/su`: schedules, single entries, processes, the time.
//!
//! Paths, members, statuses and errors are those of permaweb's unit. `tests/vectors/legacy` has recordings of it.

use serde_json::{Value, json};

use super::schedule::Entry;
use super::unit::Scheduler;
use crate::arweave::Id;
use crate::error::{ErrorKind, Result};
use crate::local::admission::{accept, is_scheduled, verify_item};
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::json;
use crate::local::messenger::routes::assign;
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::store::{items, names};
use crate::local::units::LocalUnits;

/// Default and maximum number of entries on a page.
const DEFAULT_ENTRIES: usize = 100;
const MAX_ENTRIES: usize = 1000;

/// Answers a request under `/su`. `path` has the segments after that.
pub(crate) async fn handle<P: Platform>(
    units: &mut LocalUnits<P>,
    request: &Request,
    target: &PathAndQuery,
    path: &[&str],
) -> HttpResult<Response> {
    match (request.method.as_str(), path) {
        ("POST", []) if target.has("process-id") && target.has("assign") => {
            let (process, index) = assign(units, target).await?;
            let id = units.scheduler.assignment(&process, index).await?.id();
            accepted(&units.scheduler, &process, index, &id)
        }
        ("POST", []) => {
            let item = verify_item(&units.context.platform, &request.body).await?;
            if is_scheduled(&mut units.scheduler, &item).await? {
                return Err(bad_request("MessageExists(\"Message already exists\")"));
            }
            let (process, index) = accept(&mut units.scheduler, units.compute.modules(), &item, false).await?;
            accepted(&units.scheduler, &process, index, &item.id())
        }
        ("GET", _) => read(&mut units.scheduler, target, path).await,
        (method, _) => Err(HttpError::method_not_allowed(method)),
    }
}

async fn read<P: Platform>(scheduler: &mut Scheduler<P>, target: &PathAndQuery, path: &[&str]) -> HttpResult<Response> {
    let context = scheduler.context();
    match path {
        [] => {
            let now = context.platform.now().to_string();
            let body = json!({ "address": context.address.to_string(), "timestamp": now });
            Ok(Response::json(200, &body))
        }
        ["health"] => Ok(Response::new(200, "text/plain; charset=utf-8", "")),
        ["timestamp"] => {
            let now = context.platform.now();
            let body = json!({ "timestamp": now.to_string(), "block_height": context.options.blocks.padded(now) });
            Ok(Response::json(200, &body))
        }
        ["processes", process] => {
            let unknown = || bad_request("NotFound(\"Process not found\")");
            let id = Id::parse(process, "process").map_err(|_| unknown())?;
            if !scheduler.find_process(&id).await? {
                return Err(unknown());
            }
            let stored = items::require(&context.platform, &id).await?;
            Ok(Response::json(200, &json::process(&stored, &context.options.blocks)))
        }
        [process, "latest"] => latest(scheduler, process).await,
        [id] => entry_or_page(scheduler, id, target).await,
        _ => Err(HttpError::missing("The scheduler has nothing at this path")),
    }
}

fn accepted<P: Platform>(scheduler: &Scheduler<P>, process: &Id, index: usize, id: &Id) -> HttpResult<Response> {
    let timestamp = scheduler.entry(process, index)?.timestamp;
    let body = json!({ "id": id.to_string(), "timestamp": timestamp });
    Ok(Response::json(200, &body))
}

/// `/:process/latest`: the newest message. The process's own item does not count.
async fn latest<P: Platform>(scheduler: &mut Scheduler<P>, process: &str) -> HttpResult<Response> {
    let process = require_process(scheduler, process).await?;
    let newest = scheduler.schedule(&process).and_then(|schedule| schedule.newest());
    match newest.filter(|index| *index > 0) {
        Some(index) => entry_response(scheduler, &process, index).await,
        None => Err(bad_request("Latest message not available")),
    }
}

/// `/:id?process-id=…`: a page of the schedule, if the id is that of the process or of its own assignment. Otherwise one entry.
async fn entry_or_page<P: Platform>(
    scheduler: &mut Scheduler<P>,
    id: &str,
    target: &PathAndQuery,
) -> HttpResult<Response> {
    let Some(process) = target.get("process-id") else {
        let message = "Query deserialize error: missing field `process-id`";
        return Ok(Response::new(400, "text/plain; charset=utf-8", message));
    };
    let process = require_process(scheduler, process).await?;
    let id = Id::parse(id, "id").map_err(|_| not_found())?;
    if id == process {
        return page(scheduler, &process, target).await;
    }
    if let Some(index) = scheduler.find_assignment(&process, &id).await? {
        return match index {
            0 => page(scheduler, &process, target).await,
            _ => entry_response(scheduler, &process, index).await,
        };
    }
    let schedule = scheduler.schedule(&process);
    let index = schedule.and_then(|schedule| {
        schedule
            .first_of(&id)
            .filter(|index| !schedule.entries()[*index].is_tick())
    });
    // permaweb's unit no longer finds messages that were assigned, under any process.
    let assigned = names::assigned(&id);
    let is_assigned = scheduler.context().platform.get(&assigned).await?.is_some();
    match index.filter(|_| !is_assigned) {
        Some(index) => entry_response(scheduler, &process, index).await,
        None => Err(not_found()),
    }
}

async fn require_process<P: Platform>(scheduler: &mut Scheduler<P>, process: &str) -> HttpResult<Id> {
    // permaweb's unit answers an invalid id like an unknown one.
    let id = Id::parse(process, "process").map_err(|_| not_found())?;
    match scheduler.find_process(&id).await? {
        true => Ok(id),
        false => Err(not_found()),
    }
}

/// A page of the entries in `(from, to]`: by slot if a parameter has `nonce` in its name, and otherwise by timestamp.
async fn page<P: Platform>(scheduler: &Scheduler<P>, process: &Id, target: &PathAndQuery) -> HttpResult<Response> {
    let by_nonce = target.has("from-nonce") || target.has("to-nonce");
    let (from, to, key): (_, _, fn(&Entry) -> u64) = match by_nonce {
        true => ("from-nonce", "to-nonce", |entry| entry.nonce),
        false => ("from", "to", |entry| entry.timestamp),
    };
    // A negative nonce lies before the process's own item. Text that is not a number counts as zero.
    let from = target.get(from).filter(|text| !(by_nonce && text.starts_with('-')));
    let from = from.map(|text| text.parse().unwrap_or(0));
    let to = target.number(to)?.unwrap_or(u64::MAX);
    let limit = target.limit(DEFAULT_ENTRIES, usize::MAX)?.min(MAX_ENTRIES);
    let show_anchor = target
        .get("show-anchor")
        .is_some_and(|text| text == "1" || text == "true");
    let schedule = scheduler.schedule(process).ok_or_else(not_found)?;
    let range = schedule.within(key, from, to);
    // Any `from` excludes the process's own item, however small it is.
    let range = range.start.max(usize::from(from.is_some()))..range.end;
    let page: Vec<usize> = schedule
        .slots()
        .get(range)
        .unwrap_or_default()
        .iter()
        .copied()
        .take(limit)
        .collect();
    let mut edges = Vec::with_capacity(page.len());
    for index in &page {
        let cursor = key(scheduler.entry(process, *index)?).to_string();
        let node = entry_json(scheduler, process, *index, show_anchor).await?;
        edges.push(json!({ "node": node, "cursor": cursor }));
    }
    // As in permaweb's unit, a full page always promises another one, which may be empty.
    let info = json!({ "has_next_page": page.len() == limit });
    Ok(Response::json(200, &json!({ "page_info": info, "edges": edges })))
}

async fn entry_response<P: Platform>(scheduler: &Scheduler<P>, process: &Id, index: usize) -> HttpResult<Response> {
    Ok(Response::json(
        200,
        &entry_json(scheduler, process, index, false).await?,
    ))
}

/// `{ message, assignment }`. An assigned message is `null`.
async fn entry_json<P: Platform>(
    scheduler: &Scheduler<P>,
    process: &Id,
    index: usize,
    show_anchor: bool,
) -> Result<Value> {
    let entry = scheduler.entry(process, index)?;
    let message = match entry.is_assigned() {
        true => Value::Null,
        false => {
            let stored = items::require(&scheduler.context().platform, &entry.id).await?;
            let mut message = match entry.id == *process {
                true => json::process_item(&stored.item),
                false => json::message(&stored.item),
            };
            if stored.is_http {
                message["signature"] = "".into();
            }
            message
        }
    };
    let assignment = json::assignment(&scheduler.assignment(process, index).await?, show_anchor);
    Ok(json!({ "message": message, "assignment": assignment }))
}

/// An error in the words of permaweb's unit.
fn bad_request(message: &str) -> HttpError {
    HttpError::new(400, ErrorKind::BadArgument, message)
}

fn not_found() -> HttpError {
    HttpError::new(400, ErrorKind::NotFound, "Message or Process not found")
}
