//! Routes under `/cu`: results, dryruns, memory, checkpoints, forks.

use serde_json::{Map, Value, json};

use super::checkpoint;
use crate::ans104::{DataItem, Draft, Tag};
use crate::arweave::{Id, from_base64url, to_base64url};
use crate::error::ErrorKind;
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::scheduler::{Arrival, ScheduleOptions, Scheduler};
use crate::local::store::{items, names};
use crate::local::units::LocalUnits;

/// Maximum and default number of results on a page.
const MAX_RESULTS: usize = 1000;
const DEFAULT_RESULTS: usize = 25;
/// More entries than a process ever has. Larger positions in cursors count as this one.
const MAX_POSITION: u64 = u32::MAX as u64 - 1;

/// Answers a request under `/cu`. `path` has the segments after that.
pub(crate) async fn handle<P: Platform>(
    units: &mut LocalUnits<P>,
    request: &Request,
    target: &PathAndQuery,
    path: &[&str],
) -> HttpResult<Response> {
    match (request.method.as_str(), path) {
        ("GET", []) => {
            let context = &units.context;
            let body = json!({ "timestamp": context.platform.now(), "address": context.address.to_string() });
            Ok(Response::json(200, &body))
        }
        ("GET" | "POST", ["result", message]) => {
            let process = require_process(units, &target.id("process-id")?.to_string()).await?;
            let index = units.scheduler.find_message(&process, message).await?;
            let result = units.stored_result(&process, index).await?.result;
            Ok(Response::raw_json(200, result.get().into()))
        }
        ("GET", ["results", process]) => {
            let process = require_process(units, process).await?;
            results(units, &process, target).await
        }
        ("POST", ["dry-run"]) => {
            let process = require_process(units, &target.id("process-id")?.to_string()).await?;
            let message = serde_json::from_slice(&request.body);
            let message =
                message.map_err(|error| HttpError::bad_request(format!("The body is not a JSON object: {error}")))?;
            check_dryrun(&message)?;
            let result = units.dryrun(&process, message, target.get("to")).await?;
            Ok(Response::raw_json(200, result))
        }
        ("GET", ["state", process]) => {
            let process = require_process(units, process).await?;
            memory(units, &process, target).await
        }
        ("POST", ["fork", process]) => {
            let process = require_process(units, process).await?;
            fork(units, &process, target).await
        }
        ("POST", ["checkpoint", process]) => {
            let process = require_process(units, process).await?;
            checkpoint::write(units, &process, target).await
        }
        (method, [] | ["result" | "results" | "state" | "fork" | "checkpoint", _] | ["dry-run"]) => {
            Err(HttpError::method_not_allowed(method))
        }
        _ => Err(HttpError::missing("The compute unit has nothing at this path")),
    }
}

/// Parses the id of a process that exists and can be evaluated, and settles its entries.
async fn require_process<P: Platform>(units: &mut LocalUnits<P>, process: &str) -> HttpResult<Id> {
    let process = units.require_settled(process).await?;
    // permaweb's unit answers with this status.
    let checked = units.scheduler.require_schedule(&process)?.check_crons();
    checked.map_err(|error| HttpError::new(500, error.kind(), error.message()))?;
    Ok(process)
}

async fn results<P: Platform>(units: &mut LocalUnits<P>, process: &Id, target: &PathAndQuery) -> HttpResult<Response> {
    let descending = match target.get("sort").unwrap_or("ASC") {
        "ASC" => false,
        "DESC" => true,
        other => {
            return Err(HttpError::bad_request(format!(
                "sort must be ASC or DESC, and is \"{other:.16}\""
            )));
        }
    };
    let limit = target.limit(DEFAULT_RESULTS, MAX_RESULTS)?;
    let position = |name| {
        target
            .get(name)
            .map(|text| parse_cursor(&units.scheduler, process, text))
    };
    let from = position("from").transpose()?;
    let to = position("to").transpose()?;
    let entries = units
        .scheduler
        .schedule(process)
        .map_or(0, |schedule| schedule.entries().len());
    // `from` is exclusive, `to` is inclusive, in the requested order.
    let range = match descending {
        false => from.map_or(0, |from| from + 1)..to.map_or(entries, |to| (to + 1).min(entries)),
        true => to.unwrap_or(0)..from.unwrap_or(entries).min(entries),
    };
    let more = range.len() > limit;
    let page: Vec<usize> = match descending {
        false => range.take(limit).collect(),
        true => range.rev().take(limit).collect(),
    };
    let mut edges = Vec::with_capacity(page.len());
    for index in page {
        let cursor = cursor_of(units.scheduler.entry(process, index)?.timestamp, index);
        let result = units.stored_result(process, index).await?.result;
        edges.push(format!(r#"{{"cursor":"{cursor}","node":{result}}}"#));
    }
    let edges = edges.join(",");
    let body = format!(r#"{{"pageInfo":{{"hasNextPage":{more}}},"edges":[{edges}]}}"#);
    Ok(Response::raw_json(200, body))
}

/// The entry to which a cursor points. A message's id is accepted too.
fn parse_cursor<P: Platform>(scheduler: &Scheduler<P>, process: &Id, text: &str) -> HttpResult<usize> {
    let schedule = scheduler.require_schedule(process)?;
    let message = Id::parse(text, "cursor").ok().and_then(|id| schedule.first_of(&id));
    let cursor = || {
        let bytes = from_base64url(text)?;
        let cursor: Value = serde_json::from_slice(&bytes).ok()?;
        // A position outside of the schedule is accepted. It only determines the direction of the page.
        usize::try_from(cursor["ordinate"].as_u64()?.min(MAX_POSITION)).ok()
    };
    message
        .or_else(cursor)
        .ok_or_else(|| HttpError::bad_request("The cursor is not one of this process. Take it from an earlier page"))
}

fn cursor_of(timestamp: u64, index: usize) -> String {
    to_base64url(
        json!({ "timestamp": timestamp, "ordinate": index })
            .to_string()
            .as_bytes(),
    )
}

/// `/state/:process`: the memory of the process, compressed with gzip. `to` is a time in milliseconds, or the id of a message.
async fn memory<P: Platform>(units: &mut LocalUnits<P>, process: &Id, target: &PathAndQuery) -> HttpResult<Response> {
    let count = match target.get("to").map(|to| (to, to.parse())) {
        Some((_, Ok(time))) => units.scheduler.count_until(process, time)?,
        Some((message, Err(_))) => units.scheduler.count_through(process, Some(message)).await?,
        None => units.scheduler.count_through(process, None).await?,
    };
    if count == 0 {
        return Err(HttpError::missing(format!(
            "Process {process} did not exist at this time"
        )));
    }
    let last = units.scheduler.entry(process, count - 1)?;
    let (timestamp, nonce) = (last.timestamp, last.nonce);
    let checkpoint = units
        .compute
        .restore(&mut units.scheduler, process, count)
        .await?
        .checkpoint()?;
    Ok(Response::new(200, "application/octet-stream", checkpoint)
        .with_header("content-encoding", "gzip")
        .with_header("last-timestamp", timestamp)
        .with_header("last-ordinate", nonce)
        .with_header("last-block-height", units.context.options.blocks.height(timestamp)))
}

/// `POST /fork/:process?slot=…`: makes a process that continues from the state of another at that slot.
async fn fork<P: Platform>(units: &mut LocalUnits<P>, process: &Id, target: &PathAndQuery) -> HttpResult<Response> {
    let LocalUnits {
        context,
        scheduler,
        compute,
        ..
    } = units;
    let platform = &context.platform;
    let index = scheduler.count_through(process, target.get("slot")).await? - 1;
    let schedule = scheduler.require_schedule(process)?;
    let nonce = scheduler.entry(process, index)?.nonce;
    let mut tags = schedule.tags.clone();
    tags.push(Tag::new("Forked-From", process.to_string()));
    tags.push(Tag::new("Forked-Slot", nonce.to_string()));
    // Makes two forks of the same slot two processes.
    tags.push(Tag::new("Forked-At", platform.now().to_string()));
    let draft = Draft {
        tags,
        ..Draft::default()
    };
    let image = compute.restore(scheduler, process, index + 1).await?.snapshot()?;
    let stored = items::require(platform, process).await?;
    let signed = platform.sign(draft, stored.item.data().to_vec()).await?;
    let item = DataItem::parse(signed.raw)?;
    let id = item.id();
    // The fork starts from this snapshot and does not read the parent's schedule again.
    platform.put(&names::snapshot(&id, 1), &image).await?;
    let mut options = ScheduleOptions::in_cascade(id);
    options.arrival = Arrival::Fork {
        process: *process,
        index,
    };
    scheduler.schedule_item(&id, &item, options).await?;
    let body = json!({ "id": id.to_string(), "process": process.to_string(), "slot": nonce });
    Ok(Response::json(201, &body))
}

/// Checks the message of a dryrun. Messages and status are those of permaweb's unit.
fn check_dryrun(message: &Map<String, Value>) -> HttpResult<()> {
    let mut missing = Vec::new();
    if !message.get("Owner").is_some_and(Value::is_string) {
        // The sender is derived from the owner.
        missing.extend(["'Owner': Required.", "'From': Required."]);
    }
    if !message.get("Tags").is_some_and(Value::is_array) {
        missing.push("'Tags': Required.");
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(HttpError::new(500, ErrorKind::BadArgument, missing.join(" | "))),
    }
}
