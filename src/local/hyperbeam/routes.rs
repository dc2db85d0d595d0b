//! Routes of a HyperBEAM node of November 2025.
//!
//! Requests are signed items (`application/ans104`), signed HTTP messages, or plain reads. A path is a chain of keys, and
//! each key may have parameters: `/:process~process@1.0/compute&slot=3/results`.
//!
//! As on a node, a message that is posted again is evaluated again. Some messages that are refused here with 400 a node may
//! accept and never evaluate.

use serde_json::{Map, Value, json};

use super::http_message;
use super::request::{NodeRequest, PathKey};
use super::resolve::{Resolved, resolve};
use super::response::Codec;
use super::schedule::{assignment_message, current_slot, schedule_edges, schedule_message, slot_message};
use super::state::{results_of, state_after, state_with_result};
use crate::ans104::{DataItem, Tag};
use crate::arweave::Id;
use crate::error::ErrorKind;
use crate::local::admission::{AcceptedMessage, accept_at_node, verify_item};
use crate::local::context::NetworkContext;
use crate::local::event::Event;
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::json::object;
use crate::local::path_and_query::{self, PathAndQuery};
use crate::local::platform::Platform;
use crate::local::scheduler::Scheduler;
use crate::local::store::names;
use crate::local::units::LocalUnits;

/// The build time of the node whose responses these are, in seconds since 1970.
const BUILD_TIME: u64 = 1_762_185_310;

/// The owner, and so the sender, of dryruns. Nodes write this even if the request is signed: in the recordings aos shows
/// `123...234`, and trusts the message, as it does when owner and sender are equal.
const DRYRUN_OWNER: &str = "1234";

/// Answers a request at the paths of a HyperBEAM node.
pub(crate) async fn handle<P: Platform>(
    units: &mut LocalUnits<P>,
    mut request: NodeRequest<'_>,
    path: &[&str],
) -> Response {
    let keys: Vec<PathKey> = path.iter().map(|segment| PathKey::parse(segment)).collect();
    match route(units, &mut request, &keys).await {
        Ok(response) => response,
        Err(error) => {
            if error.is_internal() {
                let address = units.context.address;
                let event = Event::new("failed", address, address);
                units.context.note(event.with_detail(error.message()));
            }
            let (status, message) = error.node_message();
            request.codec.respond(status, Resolved::Message(message))
        }
    }
}

async fn route<P: Platform>(
    units: &mut LocalUnits<P>,
    node_request: &mut NodeRequest<'_>,
    keys: &[PathKey<'_>],
) -> HttpResult<Response> {
    let NodeRequest {
        request, target, codec, ..
    } = *node_request;
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    let resolved = match (request.method.as_str(), names.as_slice()) {
        ("GET", ["~meta@1.0", "info", rest @ ..]) => resolve(node_info(&units.context), rest)?,
        ("GET", ["~meta@1.0", "build", rest @ ..]) => resolve(node_build(), rest)?,
        ("POST", ["push"] | ["~process@1.0", "push"]) => return push(units, node_request, None).await,
        ("POST", ["~scheduler@1.0", "schedule"]) => return schedule_only(units, node_request, None).await,
        ("GET", ["~scheduler@1.0", "status", rest @ ..]) => resolve(scheduler_status(&units.context).await?, rest)?,
        ("GET", ["~scheduler@1.0", "schedule" | "slot", ..]) => {
            let process = units.require_settled(&target.id("target")?.to_string()).await?;
            return route_process(units, node_request, &process, &keys[1..]).await;
        }
        (_, [first, ..]) => {
            let process = first.strip_suffix("~process@1.0").unwrap_or(first);
            if process.contains('~') {
                return Err(HttpError::missing(format!(
                    "There is no device {process:.64} in this network"
                )));
            }
            let process = units.require_settled(process).await?;
            return route_process(units, node_request, &process, &keys[1..]).await;
        }
        (method, []) => return Err(HttpError::method_not_allowed(method)),
    };
    Ok(codec.respond(200, resolved))
}

async fn route_process<P: Platform>(
    units: &mut LocalUnits<P>,
    node_request: &mut NodeRequest<'_>,
    process: &Id,
    keys: &[PathKey<'_>],
) -> HttpResult<Response> {
    let NodeRequest {
        request, target, codec, ..
    } = *node_request;
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    let resolved = match (request.method.as_str(), names.as_slice()) {
        ("POST", ["push"]) => return push(units, node_request, Some(process)).await,
        ("POST", ["schedule"]) => return schedule_only(units, node_request, Some(process)).await,
        ("GET", ["schedule"]) if wants_edges(request, target) => {
            return schedule_edges(&units.scheduler, process, target).await;
        }
        ("GET", ["schedule", rest @ ..]) => schedule_message(&units.scheduler, process, target, rest).await?,
        ("GET" | "POST", ["slot", rest @ ..]) => slot_message(&units.scheduler, process, rest)?,
        ("GET" | "POST", ["now", rest @ ..]) => {
            let last = last_entry(&units.scheduler, process)?;
            resolve(state_after(units, process, last).await?, rest)?
        }
        ("GET" | "POST", ["compute", rest @ ..]) => {
            // Clients also write a slot after `results`, which has no effect on a node.
            let slot = keys[0]
                .value
                .or_else(|| keys[0].parameter("slot"))
                .or_else(|| target.get("slot"));
            let index = match slot {
                Some(slot) => entry_at_slot(&units.scheduler, process, slot)?,
                None => last_entry(&units.scheduler, process)?,
            };
            resolve(state_after(units, process, index).await?, rest)?
        }
        ("GET" | "POST", ["as", "compute", rest @ ..]) if keys[0].value == Some("execution") => {
            let message = dryrun_message(request, target, &keys[1]);
            let result = units.dryrun(process, message, None).await?;
            let last = last_entry(&units.scheduler, process)?;
            resolve(state_with_result(units, process, last, &result).await?, rest)?
        }
        (method, [] | ["push"]) => return Err(HttpError::method_not_allowed(method)),
        _ => return Err(HttpError::missing("A process has nothing at this path")),
    };
    Ok(codec.respond(200, resolved))
}

fn last_entry<P: Platform>(scheduler: &Scheduler<P>, process: &Id) -> HttpResult<usize> {
    let schedule = scheduler.require_schedule(process)?;
    Ok(schedule.entries().len().saturating_sub(1))
}

fn entry_at_slot<P: Platform>(scheduler: &Scheduler<P>, process: &Id, slot: &str) -> HttpResult<usize> {
    let slot = path_and_query::number(slot, "The slot")?;
    let current = current_slot(scheduler, process)?;
    let index = scheduler.schedule(process).and_then(|schedule| schedule.slot(slot));
    index.ok_or_else(|| {
        let message = format!("Process {process} has no slot {slot} yet; the newest is {current}");
        HttpError::missing(message).with_field("attempted-slot", current + 1)
    })
}

/// `…/push`: schedules a message, delivers its outbox, and responds with its result. For a new process, responds with its
/// assignment.
async fn push<P: Platform>(
    units: &mut LocalUnits<P>,
    request: &mut NodeRequest<'_>,
    process: Option<&Id>,
) -> HttpResult<Response> {
    let scheduled = schedule(units, request, process, true).await?;
    if scheduled.is_spawn {
        return assignment_response(units, request.codec, &scheduled).await;
    }
    let (process, index) = (scheduled.process, scheduled.index);
    units.settle().await?;
    units.scheduler.find_process(&process).await?;
    let result = units.stored_result(&process, index).await?;
    let mut message = results_of(result.result.get());
    message.insert("process".into(), process.to_string().into());
    message.insert("slot".into(), units.scheduler.entry(&process, index)?.nonce.into());
    let delivered = result
        .pushed
        .iter()
        .filter(|part| part["kind"] == "message" && part["id"].is_string());
    for (number, part) in (1..).zip(delivered) {
        let (number, part): (u32, &Value) = (number, part);
        let mut pushed = json!({ "id": part["id"], "target": part["target"] });
        if part["slot"].is_u64() {
            pushed["slot"] = part["slot"].clone();
            pushed["resulted-in"] = json!({ "process": part["target"], "slot": part["slot"] });
        }
        message.insert(number.to_string(), pushed);
    }
    Ok(request.codec.respond(200, Resolved::Message(message)))
}

/// `…/schedule`: schedules a message without delivering its outbox.
async fn schedule_only<P: Platform>(
    units: &mut LocalUnits<P>,
    request: &mut NodeRequest<'_>,
    process: Option<&Id>,
) -> HttpResult<Response> {
    let scheduled = schedule(units, request, process, false).await?;
    assignment_response(units, request.codec, &scheduled).await
}

async fn assignment_response<P: Platform>(
    units: &LocalUnits<P>,
    codec: Codec,
    scheduled: &AcceptedMessage,
) -> HttpResult<Response> {
    let message = assignment_message(&units.scheduler, &scheduled.process, scheduled.index).await?;
    Ok(codec.respond(200, Resolved::Message(message)))
}

/// Verifies and schedules the message of a request.
async fn schedule<P: Platform>(
    units: &mut LocalUnits<P>,
    node_request: &mut NodeRequest<'_>,
    process: Option<&Id>,
    crank: bool,
) -> HttpResult<AcceptedMessage> {
    let request = node_request.request;
    let is_ans104 = |name| request.header(name).is_some_and(|value| value.contains("ans104"));
    let is_other = request.header("content-type").is_some() && !is_ans104("content-type");
    let (item, original) = match node_request.signed.take() {
        Some(message) => (message?.into_item()?, Some(http_message::original(request))),
        None if is_other && !is_ans104("codec-device") && DataItem::parse(request.body.clone()).is_err() => {
            let message = "The message is not signed. Send a signed data item (application/ans104), or sign the HTTP \
                           request";
            return Err(HttpError::new(400, ErrorKind::BadSignature, message));
        }
        None => (verify_item(&units.context.platform, &request.body).await?, None),
    };
    let LocalUnits { scheduler, compute, .. } = units;
    accept_at_node(scheduler, compute.modules(), &item, original, process, crank).await
}

/// The message of a dryrun: the parameters of the path's key and the query, and the body, which may be a signed item.
fn dryrun_message(request: &Request, target: &PathAndQuery, key: &PathKey<'_>) -> Map<String, Value> {
    let is_option = |name: &str| matches!(name, "signing-format" | "accept-bundle" | "require-codec" | "accept");
    let mut tags: Vec<Value> = Vec::new();
    let mut message = Map::new();
    let query = target
        .query()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in key
        .parameters
        .iter()
        .copied()
        .chain(query)
        .filter(|(name, _)| !is_option(name))
    {
        if name == "Data" {
            message.insert("Data".into(), value.into());
        }
        tags.push(json!({ "name": name, "value": value }));
    }
    // aoconnect signs dryruns. Other clients send plain data.
    if let Ok(item) = DataItem::parse(request.body.clone()) {
        message.insert("Id".into(), item.id().to_string().into());
        message.insert("Data".into(), String::from_utf8_lossy(item.data()).into());
        let is_tag = |tag: &&Tag| !std::str::from_utf8(&tag.name).is_ok_and(is_option);
        for tag in item.head().tags().iter().filter(is_tag) {
            let [name, value] = [&tag.name, &tag.value].map(|bytes| String::from_utf8_lossy(bytes));
            tags.push(json!({ "name": name, "value": value }));
        }
    } else if !request.body.is_empty() {
        message.insert("Data".into(), String::from_utf8_lossy(&request.body).into());
    }
    message.insert("Owner".into(), DRYRUN_OWNER.into());
    message.insert("Tags".into(), tags.into());
    message
}

/// Whether the request asks for a schedule in the form of `application/aos-2`.
fn wants_edges(request: &Request, target: &PathAndQuery) -> bool {
    [target.get("accept"), request.header("accept")]
        .into_iter()
        .flatten()
        .any(|accept| accept.contains("application/aos-2"))
}

fn node_info<P>(context: &NetworkContext<P>) -> Map<String, Value> {
    let address = context.address.to_string();
    object(vec![
        ("address", address.clone().into()),
        ("initialized", true.into()),
        ("operator", address.into()),
    ])
}

fn node_build() -> Map<String, Value> {
    object(vec![
        ("build-time", BUILD_TIME.into()),
        ("node", "aoxide".into()),
        ("source", "aoxide".into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
    ])
}

async fn scheduler_status<P: Platform>(context: &NetworkContext<P>) -> HttpResult<Map<String, Value>> {
    let processes = context.platform.names(names::PROCESSES).await?;
    let processes: Vec<&str> = processes.iter().filter_map(|name| name.rsplit('/').next()).collect();
    Ok(object(vec![
        ("address", context.address.to_string().into()),
        ("cache-control", "no-store".into()),
        ("processes", processes.into()),
    ]))
}
