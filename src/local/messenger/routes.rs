//! The messenger unit: takes messages, assignments and monitors.

use serde_json::json;

use crate::arweave::{Id, to_base64url};
use crate::error::ErrorKind;
use crate::local::http::{HttpError, HttpResult, Request, Response};
use crate::local::network::Network;
use crate::local::path_and_query as route;
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;
use crate::local::scheduler::unit::{ScheduleOptions, Way};
use crate::local::store::records as store;

impl<H: Platform> Network<H> {
    /// Answers under `/mu`.
    pub(crate) async fn messenger(
        &mut self,
        request: &Request,
        route: &PathAndQuery,
        path: &[&str],
    ) -> HttpResult<Response> {
        match (request.method.as_str(), path) {
            ("GET", []) => {
                let address = self.address.to_string();
                Ok(Response::json(200, &json!({ "Unit": "Messenger", "address": address })))
            }
            ("POST", []) if route.has("process-id") || route.has("assign") => self.post_assignment(route).await,
            ("POST", []) => self.post(request).await,
            ("POST" | "DELETE", ["monitor", process]) => self.monitor(request, process).await,
            ("GET", ["pushed", message]) => self.pushed(message, route).await,
            (method, [] | ["monitor", _]) => Err(HttpError::method(method)),
            _ => Err(HttpError::missing("The messenger has nothing at this path")),
        }
    }

    async fn post(&mut self, request: &Request) -> HttpResult<Response> {
        let item = self.admit(&request.body).await?;
        if self.is_scheduled(&item).await? {
            // The scheduler's refusal, as the unit hands it on.
            let message = "Error: Error: 400: {\"error\":\"MessageExists(\\\"Message already exists\\\")\"}";
            return Err(HttpError::new(500, ErrorKind::BadArgument, message));
        }
        let id = item.id();
        let (process, _) = self.accept(&item, true).await?;
        let mut body = json!({ "id": id.to_string(), "message": "Processing DataItem" });
        if process == id {
            body["processId"] = process.to_string().into();
        }
        Ok(Response::json(202, &body))
    }

    async fn post_assignment(&mut self, route: &PathAndQuery) -> HttpResult<Response> {
        if route.has("exclude") {
            let message = "'exclude' is not taken here: the messenger refuses it. Post the assignment to the scheduler";
            return Err(HttpError::new(500, ErrorKind::BadArgument, message));
        }
        let (process, index) = self.assign(route).await?;
        let id = self.assignment(&process, index).await?.id();
        let slot = self.entry(&process, index)?.nonce;
        let body = json!({ "id": id.to_string(), "message": "Processing Assignment", "slot": slot });
        Ok(Response::json(202, &body))
    }

    /// `POST /?process-id=…&assign=…`: a message that is here comes to a process that it was not sent to.
    pub(crate) async fn assign(&mut self, route: &PathAndQuery) -> HttpResult<(Id, usize)> {
        let process = self.known(&route.id("process-id")?.to_string()).await?;
        let unknown = || HttpError::bad("error in builder: BuilderError(\"Transaction not found\")");
        let message = Id::parse(route.get("assign").unwrap_or_default(), "assign").map_err(|_| unknown())?;
        if route.has("base-layer") {
            // There is no base layer in this network; permaweb's unit refuses every such assignment, too.
            return Err(HttpError::bad("Invalid gateway tx for assignming"));
        }
        let Some(kept) = store::item(&*self.platform, &message).await? else {
            return Err(unknown());
        };
        let exclude = route.get("exclude").unwrap_or_default().split(',');
        let mut placing = ScheduleOptions::root(message);
        placing.way = Way::Assigned {
            exclude: exclude.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            by: None,
        };
        let index = self.place(&process, &kept.item, placing).await?;
        Ok((process, index))
    }

    async fn monitor(&mut self, request: &Request, process: &str) -> HttpResult<Response> {
        let process = self.known(process).await?;
        let item = self.admit(&request.body).await?;
        if item.head().target() != process.as_bytes() {
            let target = to_base64url(item.head().target());
            return Err(HttpError::bad(format!(
                "The signed item is for \"{target}\", and not for process {process}"
            )));
        }
        let name = store::monitor_name(&process);
        let said = if request.method == "POST" {
            // One that ticks already goes on from its last tick.
            store::insert(&*self.platform, &name, &self.platform.now().to_le_bytes()).await?;
            "cron monitored!"
        } else {
            self.platform.remove(&name).await?;
            "cron deleted!"
        };
        let body = json!({ "id": item.id().to_string(), "message": said });
        Ok(Response::json(200, &body))
    }

    /// What became of the messages, spawns and assignments that a process answered to a message.
    async fn pushed(&mut self, message: &str, route: &PathAndQuery) -> HttpResult<Response> {
        let process = self.known(&route.id("process-id")?.to_string()).await?;
        let index = self.find(&process, message).await?;
        let report = self.outcome(&process, index).await?.pushed;
        let body = json!({ "process": process.to_string(), "pushed": report });
        Ok(Response::json(200, &body))
    }

    /// The entry of a message, by its id, that of its assignment, or its slot.
    pub(crate) async fn find(&mut self, process: &Id, message: &str) -> HttpResult<usize> {
        let missing = || HttpError::missing(format!("Process {process} has no message {message:.64}"));
        let schedule = self.schedules.get(process).ok_or_else(missing)?;
        let index = match message.parse() {
            Ok(slot) if message.len() < 20 => schedule.slot(slot),
            _ => {
                let id = route::id(message, "The message's id")?;
                match schedule.place(&id) {
                    None => self.assigned(process, &id).await?,
                    place => place,
                }
            }
        };
        index.ok_or_else(missing)
    }
}
