//! Routes under `/mu`: messages, assignments and monitors.

use serde_json::json;

use crate::arweave::{Id, to_base64url};
use crate::error::ErrorKind;
use crate::local::admission::{accept, is_scheduled, verify_item};
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::scheduler::{Arrival, ScheduleOptions};
use crate::local::store::{items, names, records};
use crate::local::units::LocalUnits;

/// Answers a request under `/mu`. `path` has the segments after that.
pub(crate) async fn handle<P: Platform>(
    units: &mut LocalUnits<P>,
    request: &Request,
    target: &PathAndQuery,
    path: &[&str],
) -> HttpResult<Response> {
    match (request.method.as_str(), path) {
        ("GET", []) => {
            let address = units.context.address.to_string();
            Ok(Response::json(200, &json!({ "Unit": "Messenger", "address": address })))
        }
        ("POST", []) if target.has("process-id") || target.has("assign") => post_assignment(units, target).await,
        ("POST", []) => post_item(units, request).await,
        ("POST" | "DELETE", ["monitor", process]) => monitor(units, request, process).await,
        ("GET", ["pushed", message]) => pushed(units, message, target).await,
        (method, [] | ["monitor", _]) => Err(HttpError::method_not_allowed(method)),
        _ => Err(HttpError::missing("The messenger has nothing at this path")),
    }
}

async fn post_item<P: Platform>(units: &mut LocalUnits<P>, request: &Request) -> HttpResult<Response> {
    let item = verify_item(&units.context.platform, &request.body).await?;
    if is_scheduled(&mut units.scheduler, &item).await? {
        // The scheduler's error, as permaweb's messenger passes it on.
        let message = "Error: Error: 400: {\"error\":\"MessageExists(\\\"Message already exists\\\")\"}";
        return Err(HttpError::new(500, ErrorKind::BadArgument, message));
    }
    let id = item.id();
    let (process, _) = accept(&mut units.scheduler, units.compute.modules(), &item, true).await?;
    let mut body = json!({ "id": id.to_string(), "message": "Processing DataItem" });
    if process == id {
        body["processId"] = process.to_string().into();
    }
    Ok(Response::json(202, &body))
}

async fn post_assignment<P: Platform>(units: &mut LocalUnits<P>, target: &PathAndQuery) -> HttpResult<Response> {
    if target.has("exclude") {
        let message = "The messenger does not take 'exclude'. Post the assignment to the scheduler";
        return Err(HttpError::new(500, ErrorKind::BadArgument, message));
    }
    let (process, index) = assign(units, target).await?;
    let id = units.scheduler.assignment(&process, index).await?.id();
    let slot = units.scheduler.entry(&process, index)?.nonce;
    let body = json!({ "id": id.to_string(), "message": "Processing Assignment", "slot": slot });
    Ok(Response::json(202, &body))
}

/// `POST /?process-id=…&assign=…`: assigns an existing message to a process.
pub(crate) async fn assign<P: Platform>(units: &mut LocalUnits<P>, target: &PathAndQuery) -> HttpResult<(Id, usize)> {
    let process = target.id("process-id")?.to_string();
    let process = units.scheduler.require_process(&process).await?;
    let unknown = || HttpError::bad_request("error in builder: BuilderError(\"Transaction not found\")");
    let message = Id::parse(target.get("assign").unwrap_or_default(), "assign").map_err(|_| unknown())?;
    if target.has("base-layer") {
        // The local network has no base layer. permaweb's unit refuses every such assignment too, in these words.
        return Err(HttpError::bad_request("Invalid gateway tx for assignming"));
    }
    let Some(stored) = items::get(&units.context.platform, &message).await? else {
        return Err(unknown());
    };
    let exclude = target.get("exclude").unwrap_or_default().split(',');
    let mut options = ScheduleOptions::in_cascade(message);
    options.arrival = Arrival::Assigned {
        exclude: exclude.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        by: None,
    };
    let index = units.scheduler.schedule_item(&process, &stored.item, options).await?;
    Ok((process, index))
}

async fn monitor<P: Platform>(units: &mut LocalUnits<P>, request: &Request, process: &str) -> HttpResult<Response> {
    let process = units.scheduler.require_process(process).await?;
    let platform = &units.context.platform;
    let item = verify_item(platform, &request.body).await?;
    if item.head().target() != process.as_bytes() {
        let target = to_base64url(item.head().target());
        return Err(HttpError::bad_request(format!(
            "The target of the signed item is \"{target}\". Set it to process {process}"
        )));
    }
    let name = names::monitor(&process);
    let message = if request.method == "POST" {
        // A process that is monitored already continues from its last tick.
        records::insert(platform, &name, &platform.now().to_le_bytes()).await?;
        "cron monitored!"
    } else {
        platform.remove(&name).await?;
        "cron deleted!"
    };
    let body = json!({ "id": item.id().to_string(), "message": message });
    Ok(Response::json(200, &body))
}

/// Reports what became of the messages, spawns and assignments that a process sent in answer to a message.
async fn pushed<P: Platform>(units: &mut LocalUnits<P>, message: &str, target: &PathAndQuery) -> HttpResult<Response> {
    let process = target.id("process-id")?.to_string();
    let process = units.scheduler.require_process(&process).await?;
    let index = units.scheduler.find_message(&process, message).await?;
    let report = units.stored_result(&process, index).await?.pushed;
    let body = json!({ "process": process.to_string(), "pushed": report });
    Ok(Response::json(200, &body))
}
