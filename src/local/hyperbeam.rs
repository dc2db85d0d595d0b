//! The paths of a HyperBEAM node: the same processes, by other names.
//!
//! Requests come as signed items (`application/ans104`), or as plain reads. A path is a chain of keys, and each key may
//! have parameters of its own: `/:process~process@1.0/compute&slot=3/results`.

use serde_json::{Map, Value, json};

use super::host::Surroundings;
use super::network::{Network, lost};
use super::route::Route;
use super::wire::{Answer, Refusal, Request, Response};
use crate::ans104::{DataItem, Tag};
use crate::arweave::{Id, to_base64url};
use crate::error::ErrorKind;

/// Most assignments of a page.
const MOST: u64 = 1000;

/// A key of the path, with its parameters.
struct Key<'a> {
    name: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Key<'a> {
    fn parse(segment: &'a str) -> Self {
        let mut parts = segment.split('&');
        let name = parts.next().unwrap_or_default();
        let parameters = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        Self {
            name,
            parameters: parameters.collect(),
        }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let mut parameters = self.parameters.iter();
        parameters.find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

impl<H: Surroundings> Network<H> {
    /// Answers the paths of a HyperBEAM node.
    pub(super) async fn hyperbeam(&mut self, request: &Request, route: &Route, path: &[&str]) -> Answer<Response> {
        let keys: Vec<Key> = path.iter().map(|segment| Key::parse(segment)).collect();
        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        match (request.method.as_str(), names.as_slice()) {
            ("GET", ["~meta@1.0", "info", "address"]) => Ok(Response::text(self.address.to_string())),
            ("GET", ["~meta@1.0", "info"]) => {
                let body = json!({ "address": self.address.to_string(), "operator": self.address.to_string() });
                Ok(Response::json(200, &body))
            }
            ("POST", ["push"] | ["~process@1.0", "push"]) => self.push(request, None).await,
            ("POST", ["~scheduler@1.0", "schedule"]) => self.schedule_only(request, None).await,
            ("GET", ["~scheduler@1.0", "schedule"]) => {
                let process = self.known(&route.id("target")?.to_string()).await?;
                self.assignments(&process, route).await
            }
            ("GET", ["~scheduler@1.0", "status"]) => {
                let processes = self.host.names("process/").await?;
                let processes: Vec<&str> = processes.iter().filter_map(|name| name.rsplit('/').next()).collect();
                let body = json!({ "address": self.address.to_string(), "processes": processes });
                Ok(Response::json(200, &body))
            }
            (_, [first, ..]) => {
                let process = first.strip_suffix("~process@1.0").unwrap_or(first);
                if process.contains('~') {
                    return Err(Refusal::missing(format!(
                        "There is no device {process:.64} in this network"
                    )));
                }
                let process = self.ready(process).await?;
                self.of_process(request, route, &process, &keys[1..]).await
            }
            (method, []) => Err(Refusal::method(method)),
        }
    }

    async fn of_process(
        &mut self,
        request: &Request,
        route: &Route,
        process: &Id,
        keys: &[Key<'_>],
    ) -> Answer<Response> {
        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        match (request.method.as_str(), names.as_slice()) {
            ("POST", ["push"]) => self.push(request, Some(process)).await,
            ("POST", ["schedule"]) => self.schedule_only(request, Some(process)).await,
            ("GET", ["schedule"]) => self.assignments(process, route).await,
            ("GET" | "POST", ["slot", "current"]) => Ok(Response::text(self.current(process)?.to_string())),
            ("GET" | "POST", ["slot"]) => {
                let current = self.current(process)?;
                let body = json!({ "current": current, "process": process.to_string(), "timestamp": self.host.now() });
                Ok(Response::json(200, &body))
            }
            ("GET" | "POST", ["now", "at-slot"]) => Ok(Response::text(self.current(process)?.to_string())),
            ("GET" | "POST", ["now" | "compute", rest @ ..]) => {
                let asked = keys[0].get("slot").or_else(|| route.get("slot"));
                self.computed(process, asked, rest).await
            }
            ("GET" | "POST", ["as=execution", "compute"]) => {
                self.preview_by_path(request, route, process, &keys[1]).await
            }
            (method, [] | ["push" | "schedule"]) => Err(Refusal::method(method)),
            _ => Err(Refusal::missing("A process has nothing at this path")),
        }
    }

    /// Schedules an item, delivers what comes of it, and answers with its result.
    async fn push(&mut self, request: &Request, process: Option<&Id>) -> Answer<Response> {
        let (to, index) = self.take(request, process, true).await?;
        // A process hears of itself first.
        if process.is_none() && index == 0 {
            let body = json!({ "process": to.to_string(), "slot": 0, "status": 200 });
            return Ok(Response::json(200, &body)
                .with_header("process", to)
                .with_header("slot", 0));
        }
        self.settle_all().await?;
        self.find_process(&to).await?;
        let slot = self.entry(&to, index)?.nonce;
        let mut body = self.result_body(&to, index).await?;
        body["slot"] = slot.into();
        body["process"] = to.to_string().into();
        body["id"] = self.entry(&to, index)?.id.to_string().into();
        Ok(Response::json(200, &body)
            .with_header("slot", slot)
            .with_header("process", to))
    }

    /// Schedules an item, and nothing else.
    async fn schedule_only(&mut self, request: &Request, process: Option<&Id>) -> Answer<Response> {
        let (to, index) = self.take(request, process, false).await?;
        let slot = self.entry(&to, index)?.nonce;
        let node = self.entry_body(&to, index, true).await?;
        let id = self.entry(&to, index)?.id.to_string();
        let body = json!({
            "slot": slot, "process": to.to_string(), "id": id, "status": 200, "body": node["message"],
            "assignment": node["assignment"]
        });
        Ok(Response::json(200, &body)
            .with_header("slot", slot)
            .with_header("process", to))
    }

    async fn take(&mut self, request: &Request, process: Option<&Id>, crank: bool) -> Answer<(Id, usize)> {
        if request
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("multipart/"))
            || request.header("signature-input").is_some()
        {
            let message = "HTTP message signatures are not read here yet. Send a signed data item (application/ans104)";
            return Err(Refusal::new(400, ErrorKind::Unsupported, message));
        }
        let item = self.admit(&request.body).await?;
        let target = item.head().target();
        if process.is_some_and(|process| target != process.as_bytes()) {
            let target = to_base64url(target);
            return Err(Refusal::bad(format!(
                "The item is for \"{target}\", and not for the process of the path"
            )));
        }
        self.accept(&item, crank).await
    }

    /// `results=…`, `results`, or the whole state, after a slot or the last message.
    async fn computed(&mut self, process: &Id, slot: Option<&str>, rest: &[&str]) -> Answer<Response> {
        let asked = match rest {
            [] => slot,
            [first, ..] if *first == "results" || first.starts_with('~') => slot,
            [first, ..] => match first.split_once('=') {
                Some(("results" | "slot", slot)) => Some(slot),
                _ => return self.read_published(process, rest).await,
            },
        };
        let index = match asked {
            Some(slot) => self.find(process, slot).await?,
            None => {
                let schedule = self.schedules.get(process).ok_or_else(|| lost("a schedule"))?;
                schedule.entries.len() - 1
            }
        };
        let body = self.result_body(process, index).await?;
        Ok(Response::json(200, &body).with_header("slot", self.entry(process, index)?.nonce))
    }

    /// A result, in the places in which nodes of different times have it.
    async fn result_body(&mut self, process: &Id, index: usize) -> Answer<Value> {
        let result = self.result(process, index).await?;
        Ok(in_places(&result, self.entry(process, index)?.nonce))
    }

    async fn preview_by_path(
        &mut self,
        request: &Request,
        route: &Route,
        process: &Id,
        key: &Key<'_>,
    ) -> Answer<Response> {
        let mut tags: Vec<Value> = Vec::new();
        for (name, value) in &key.parameters {
            tags.push(json!({ "name": name, "value": value }));
        }
        for (name, value) in route.query() {
            tags.push(json!({ "name": name, "value": value }));
        }
        let mut given = Map::new();
        // aoconnect signs what it asks; others just ask.
        if let Ok(item) = DataItem::parse(request.body.clone()) {
            given.insert("Id".into(), item.id().to_string().into());
            given.insert("Owner".into(), Id::of(item.head().owner()).to_string().into());
            given.insert("Data".into(), String::from_utf8_lossy(item.data()).into());
            let kept = |tag: &&Tag| !matches!(&*tag.name, b"signing-format" | b"accept-bundle" | b"require-codec");
            for tag in item.head().tags().iter().filter(kept) {
                let [name, value] = [&tag.name, &tag.value].map(|bytes| String::from_utf8_lossy(bytes));
                tags.push(json!({ "name": name, "value": value }));
            }
        } else {
            given.insert("Data".into(), String::from_utf8_lossy(&request.body).into());
        }
        given.insert("Tags".into(), tags.into());
        let result = self.dryrun(process, given, None).await?;
        Ok(Response::json(200, &in_places(&result, self.current(process)?)))
    }

    /// Slots `from` to `to`, both included.
    async fn assignments(&mut self, process: &Id, route: &Route) -> Answer<Response> {
        let current = self.current(process)?;
        let from = route.number("from")?.unwrap_or(0);
        let to = route
            .number("to")?
            .unwrap_or(current.min(from.saturating_add(MOST - 1)));
        if to.saturating_sub(from) >= MOST {
            return Err(Refusal::bad(format!(
                "A page has at most {MOST} slots, and {from} to {to} are more"
            )));
        }
        let edges_wanted = route.get("accept") == Some("application/aos-2");
        let (mut edges, mut assignments) = (Vec::new(), Map::new());
        for slot in from..=to.min(current) {
            let Some(index) = self.schedules.get(process).and_then(|schedule| schedule.slot(slot)) else {
                continue;
            };
            let node = self.entry_body(process, index, true).await?;
            let entry = self.entry(process, index)?;
            let assignment = json!({
                "slot": slot, "process": process.to_string(), "epoch": 0, "timestamp": entry.timestamp,
                "block-height": self.options.blocks.height(entry.timestamp), "body": node["message"],
                "assignment": node["assignment"]
            });
            if edges_wanted {
                edges.push(json!({ "cursor": slot.to_string(), "node": node }));
            } else {
                assignments.insert(slot.to_string(), assignment);
            }
        }
        let more = to < current;
        let body = match edges_wanted {
            true => json!({ "page_info": { "has_next_page": more }, "edges": edges }),
            false => json!({ "process": process.to_string(), "continues": more, "assignments": assignments }),
        };
        Ok(Response::json(200, &body))
    }

    fn current(&self, process: &Id) -> Answer<u64> {
        let schedule = self.schedules.get(process).ok_or_else(|| lost("a schedule"))?;
        Ok(schedule.next_nonce().saturating_sub(1))
    }
}

fn in_places(result: &str, slot: u64) -> Value {
    let raw: Value = serde_json::from_str(result).unwrap_or(Value::Null);
    let outbox = raw["Messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let outbox: Map<String, Value> = (1..)
        .zip(outbox)
        .map(|(number, sent): (u32, _)| (number.to_string(), sent.clone()))
        .collect();
    json!({
        "status": 200, "at-slot": slot, "raw": raw, "outbox": outbox,
        "json": { "body": result },
        "results": { "raw": raw, "json": { "body": result }, "outbox": outbox, "data": raw["Output"]["data"] }
    })
}
