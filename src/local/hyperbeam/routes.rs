//! The paths of a HyperBEAM node of November 2025: the same processes, by other names.
//!
//! Requests come as signed items (`application/ans104`), or as plain reads. A path is a chain of keys, and each key may
//! have parameters of its own: `/:process~process@1.0/compute&slot=3/results`.
//!
//! A node evaluates a message again that is posted again, and so do these paths. What is refused here at once, with 400, a
//! node may accept and never evaluate.

use serde_json::{Map, Value, json};

use crate::ans104::{DataItem, Tag};
use crate::arweave::Id;
use crate::error::ErrorKind;
use crate::local::http::{HttpError, HttpResult, Request, Response, members};
use crate::local::hyperbeam::http_message;
use crate::local::hyperbeam::http_message::HttpMessage;
use crate::local::hyperbeam::reply::{Codec, Shown};
use crate::local::hyperbeam::state::{follow, results_of};
use crate::local::network::{Event, Network, missing_record};
use crate::local::path_and_query as route;
use crate::local::path_and_query::PathAndQuery;
use crate::local::platform::Platform;

/// When the node was built whose replies these are.
const BUILT: u64 = 1_762_185_310;

/// The owner of dryruns' messages, and so their sender. Nodes write this, also where the request is signed: in the recordings
/// aos shows `123...234`, and trusts the message, which it does where the owner is the sender.
const DRYRUN_OWNER: &str = "1234";

/// A key of the path, with its parameters.
struct Key<'a> {
    name: &'a str,
    /// What follows the name behind an equals sign.
    value: Option<&'a str>,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Key<'a> {
    fn parse(segment: &'a str) -> Self {
        let mut parts = segment.split('&');
        let first = parts.next().unwrap_or_default();
        let (name, value) = match first.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (first, None),
        };
        let parameters = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        Self {
            name,
            value,
            parameters: parameters.collect(),
        }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let mut parameters = self.parameters.iter();
        parameters.find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// A request, and what was found out about it.
pub(crate) struct Call<'a> {
    pub request: &'a Request,
    pub route: &'a PathAndQuery,
    /// Of a signed HTTP request: the message, or why it is refused.
    pub signed: Option<HttpResult<HttpMessage>>,
    pub codec: Codec,
}

/// A message that has got its slot.
struct Taken {
    process: Id,
    index: usize,
    is_spawn: bool,
    codec: Codec,
}

impl<H: Platform> Network<H> {
    /// Answers the paths of a HyperBEAM node.
    pub(crate) async fn hyperbeam(&mut self, mut call: Call<'_>, path: &[&str]) -> Response {
        let keys: Vec<Key> = path.iter().map(|segment| Key::parse(segment)).collect();
        let parameters: Vec<(&str, &str)> = keys.iter().flat_map(|key| key.parameters.iter().copied()).collect();
        let Call { request, route, .. } = call;
        // What is signed says itself how it wants to be answered.
        let item = (request.method == "POST")
            .then(|| DataItem::parse(request.body.clone()).ok())
            .flatten();
        let codec = match (&call.signed, &item) {
            (Some(Ok(message)), _) => Codec::of_fields(&message.fields),
            (_, Some(item)) => Codec::of_tags(item.head().tags()),
            _ => Codec::of_request(request, route, &parameters),
        };
        call.codec = codec;
        match self.at_node(&mut call, &keys).await {
            Ok(response) => response,
            Err(refusal) => {
                if refusal.is_internal() {
                    self.note(Event::new("failed", self.address, self.address).with_detail(refusal.message()));
                }
                let (status, message) = refusal.for_node();
                codec.reply(status, Shown::Message(message))
            }
        }
    }

    async fn at_node(&mut self, call: &mut Call<'_>, keys: &[Key<'_>]) -> HttpResult<Response> {
        let Call {
            request, route, codec, ..
        } = *call;
        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        let shown = match (request.method.as_str(), names.as_slice()) {
            ("GET", ["~meta@1.0", "info", rest @ ..]) => follow(self.node_info(), rest)?,
            ("GET", ["~meta@1.0", "build", rest @ ..]) => follow(node_build(), rest)?,
            ("POST", ["push"] | ["~process@1.0", "push"]) => return self.push(call, None).await,
            ("POST", ["~scheduler@1.0", "schedule"]) => return self.schedule_only(call, None).await,
            ("GET", ["~scheduler@1.0", "status", rest @ ..]) => {
                let processes = self.platform.names("process/").await?;
                let processes: Vec<&str> = processes.iter().filter_map(|name| name.rsplit('/').next()).collect();
                let address = self.address.to_string();
                let status = [
                    ("address", address.into()),
                    ("cache-control", "no-store".into()),
                    ("processes", processes.into()),
                ];
                follow(members(status.into()), rest)?
            }
            ("GET", ["~scheduler@1.0", "schedule" | "slot", ..]) => {
                let process = self.ready(&route.id("target")?.to_string()).await?;
                return self.of_process(call, &process, &keys[1..]).await;
            }
            (_, [first, ..]) => {
                let process = first.strip_suffix("~process@1.0").unwrap_or(first);
                if process.contains('~') {
                    return Err(HttpError::missing(format!(
                        "There is no device {process:.64} in this network"
                    )));
                }
                let process = self.ready(process).await?;
                return self.of_process(call, &process, &keys[1..]).await;
            }
            (method, []) => return Err(HttpError::method(method)),
        };
        Ok(codec.reply(200, shown))
    }

    fn node_info(&self) -> Map<String, Value> {
        let address = self.address.to_string();
        members(vec![
            ("address", address.clone().into()),
            ("initialized", true.into()),
            ("operator", address.into()),
        ])
    }

    async fn of_process(&mut self, call: &mut Call<'_>, process: &Id, keys: &[Key<'_>]) -> HttpResult<Response> {
        let Call {
            request, route, codec, ..
        } = *call;
        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        let shown = match (request.method.as_str(), names.as_slice()) {
            ("POST", ["push"]) => return self.push(call, Some(process)).await,
            ("POST", ["schedule"]) => return self.schedule_only(call, Some(process)).await,
            ("GET", ["schedule"]) if wants_edges(request, route) => return self.schedule_edges(process, route).await,
            ("GET", ["schedule", rest @ ..]) => self.schedule_message(process, route, rest).await?,
            ("GET" | "POST", ["slot", rest @ ..]) => self.slot(process, rest)?,
            ("GET" | "POST", ["now", rest @ ..]) => {
                let state = self.state_after(process, self.last(process)?).await?;
                follow(state, rest)?
            }
            ("GET" | "POST", ["compute", rest @ ..]) => {
                // A slot behind `results` has no effect on a node, whose clients write it there all the same.
                let slot = keys[0]
                    .value
                    .or_else(|| keys[0].get("slot"))
                    .or_else(|| route.get("slot"));
                let index = match slot {
                    Some(slot) => self.at_slot(process, slot)?,
                    None => self.last(process)?,
                };
                follow(self.state_after(process, index).await?, rest)?
            }
            ("GET" | "POST", ["as", "compute", rest @ ..]) if keys[0].value == Some("execution") => {
                let result = self.preview_by_path(request, route, process, &keys[1]).await?;
                let state = self.state_with(process, self.last(process)?, &result).await?;
                follow(state, rest)?
            }
            (method, [] | ["push"]) => return Err(HttpError::method(method)),
            _ => return Err(HttpError::missing("A process has nothing at this path")),
        };
        Ok(codec.reply(200, shown))
    }

    /// The newest entry.
    fn last(&self, process: &Id) -> HttpResult<usize> {
        let schedule = self
            .schedules
            .get(process)
            .ok_or_else(|| missing_record("a schedule"))?;
        Ok(schedule.entries.len().saturating_sub(1))
    }

    fn at_slot(&self, process: &Id, slot: &str) -> HttpResult<usize> {
        let slot = route::number(slot, "The slot")?;
        let current = self.current(process)?;
        let index = self.schedules.get(process).and_then(|schedule| schedule.slot(slot));
        index.ok_or_else(|| {
            let message = format!("Process {process} has no slot {slot} yet; the newest is {current}");
            HttpError::missing(message).with("attempted-slot", current + 1)
        })
    }

    /// Schedules a message, delivers what comes of it, and answers with its result; or with the assignment of a new process.
    async fn push(&mut self, call: &mut Call<'_>, process: Option<&Id>) -> HttpResult<Response> {
        let taken = self.take(call, process, true).await?;
        let (to, index) = (taken.process, taken.index);
        if taken.is_spawn {
            return self.assigned_reply(&taken).await;
        }
        self.settle_all().await?;
        self.find_process(&to).await?;
        let outcome = self.outcome(&to, index).await?;
        let mut message = results_of(outcome.result.get());
        message.insert("process".into(), to.to_string().into());
        message.insert("slot".into(), self.entry(&to, index)?.nonce.into());
        let delivered = outcome
            .pushed
            .iter()
            .filter(|line| line["kind"] == "message" && line["id"].is_string());
        for (number, line) in (1..).zip(delivered) {
            let (number, line): (u32, &Value) = (number, line);
            let mut pushed = json!({ "id": line["id"], "target": line["target"] });
            if line["slot"].is_u64() {
                pushed["slot"] = line["slot"].clone();
                pushed["resulted-in"] = json!({ "process": line["target"], "slot": line["slot"] });
            }
            message.insert(number.to_string(), pushed);
        }
        Ok(taken.codec.reply(200, Shown::Message(message)))
    }

    /// Schedules an item, and nothing else.
    async fn schedule_only(&mut self, call: &mut Call<'_>, process: Option<&Id>) -> HttpResult<Response> {
        let taken = self.take(call, process, false).await?;
        self.assigned_reply(&taken).await
    }

    async fn assigned_reply(&self, taken: &Taken) -> HttpResult<Response> {
        let message = self.assignment_message(&taken.process, taken.index).await?;
        Ok(taken.codec.reply(200, Shown::Message(message)))
    }

    async fn take(&mut self, call: &mut Call<'_>, process: Option<&Id>, crank: bool) -> HttpResult<Taken> {
        let request = call.request;
        let says_item = |name| request.header(name).is_some_and(|value| value.contains("ans104"));
        let says_other = request.header("content-type").is_some() && !says_item("content-type");
        let (item, original) = match call.signed.take() {
            Some(message) => (message?.into_item()?, Some(http_message::original(request))),
            None if says_other && !says_item("codec-device") && DataItem::parse(request.body.clone()).is_err() => {
                let message = "The message is not signed. Send a signed data item (application/ans104), or sign the HTTP \
                               request";
                return Err(HttpError::new(400, ErrorKind::BadSignature, message));
            }
            None => (self.admit(&request.body).await?, None),
        };
        let (process, index, is_spawn) = self.accept_at_node(&item, original, process, crank).await?;
        Ok(Taken {
            process,
            index,
            is_spawn,
            codec: call.codec,
        })
    }

    async fn preview_by_path(
        &mut self,
        request: &Request,
        route: &PathAndQuery,
        process: &Id,
        key: &Key<'_>,
    ) -> HttpResult<String> {
        let is_option = |name: &str| matches!(name, "signing-format" | "accept-bundle" | "require-codec" | "accept");
        let mut tags: Vec<Value> = Vec::new();
        let mut given = Map::new();
        let query = route
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
                given.insert("Data".into(), value.into());
            }
            tags.push(json!({ "name": name, "value": value }));
        }
        // aoconnect signs what it asks; others just ask.
        if let Ok(item) = DataItem::parse(request.body.clone()) {
            given.insert("Id".into(), item.id().to_string().into());
            given.insert("Data".into(), String::from_utf8_lossy(item.data()).into());
            let kept = |tag: &&Tag| !std::str::from_utf8(&tag.name).is_ok_and(is_option);
            for tag in item.head().tags().iter().filter(kept) {
                let [name, value] = [&tag.name, &tag.value].map(|bytes| String::from_utf8_lossy(bytes));
                tags.push(json!({ "name": name, "value": value }));
            }
        } else if !request.body.is_empty() {
            given.insert("Data".into(), String::from_utf8_lossy(&request.body).into());
        }
        given.insert("Owner".into(), DRYRUN_OWNER.into());
        given.insert("Tags".into(), tags.into());
        self.dryrun(process, given, None).await
    }
}

fn wants_edges(request: &Request, route: &PathAndQuery) -> bool {
    [route.get("accept"), request.header("accept")]
        .into_iter()
        .flatten()
        .any(|accept| accept.contains("application/aos-2"))
}

fn node_build() -> Map<String, Value> {
    members(vec![
        ("build-time", BUILT.into()),
        ("node", "aoxide".into()),
        ("source", "aoxide".into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
    ])
}
