//! The scheduler unit: gives every message of a process its slot, and says which has which.

use serde_json::json;

use super::clock;
use super::host::Surroundings;
use super::network::{Event, Network, lost};
use super::route::{self, Route};
use super::schedule::{Entry, Kind, Schedule, tag};
use super::wire::{Answer, Refusal, Request, Response};
use super::{shown, store};
use crate::ans104::{DataItem, Draft, Head, Tag};
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{PROTOCOL, VARIANT};

/// Most entries of a page, and how many it has when nobody says.
const MOST: usize = 1000;
const PAGE: usize = 100;

/// The schedule of a process that nothing has come to yet.
pub(super) fn begin(head: &Head) -> Result<Schedule> {
    let module = tag(head.tags(), "Module").unwrap_or_default();
    let module = Id::parse(module, "Module")?;
    Ok(Schedule::new(Id::of(head.owner()), module, head.tags().to_vec()))
}

/// How a message gets into a schedule.
pub(super) struct Placing {
    pub crank: bool,
    pub root: Id,
    pub exclude: Vec<String>,
    /// The process, and the entry after which its state is taken.
    pub fork: Option<(Id, usize)>,
}

impl Placing {
    /// A message that begins something.
    pub(super) fn root(id: Id) -> Self {
        Self {
            crank: true,
            root: id,
            exclude: Vec::new(),
            fork: None,
        }
    }
}

impl<H: Surroundings> Network<H> {
    /// Keeps an item and gives it a slot; one that has a slot keeps it. Answers with the number of its entry.
    pub(super) async fn place(&mut self, process: &Id, item: &DataItem, placing: Placing) -> Result<usize> {
        let id = item.id();
        let now = self.host.now();
        store::keep_item(&self.host, item, now).await?;
        loop {
            let is_new = !self.know(process).await?;
            if is_new {
                self.host.insert(&format!("process/{process}"), &[]).await?;
            }
            let begun;
            let schedule = match self.schedules.get(process) {
                Some(schedule) => schedule,
                None => {
                    begun = begin(item.head())?;
                    &begun
                }
            };
            if let Some(index) = schedule.place(&id) {
                return Ok(index);
            }
            let index = schedule.entries.len();
            let nonce = schedule.next_nonce();
            let timestamp = schedule.next_timestamp(now);
            let chain = schedule.next_chain(process);
            let kind = match placing.fork {
                None => Kind::Message {
                    chain,
                    exclude: placing.exclude.clone(),
                },
                Some((process, index)) => Kind::Fork { chain, process, index },
            };
            let entry = Entry {
                id,
                timestamp,
                nonce,
                kind,
                crank: placing.crank,
                root: placing.root,
                led: self.cascades.get(&placing.root).copied().unwrap_or(0),
            };
            if self.append(process, entry).await? {
                let what = if is_new { "spawned" } else { "message" };
                let action = tag(item.head().tags(), "Action").unwrap_or_default();
                self.note(Event::new(what, *process, id).with_detail(action));
                return Ok(index);
            }
        }
    }

    /// Answers under `/su`.
    pub(super) async fn scheduler(&mut self, request: &Request, route: &Route, path: &[&str]) -> Answer<Response> {
        match (request.method.as_str(), path) {
            ("POST", []) => {
                let item = self.admit(&request.body).await?;
                let (process, index) = self.accept(&item, false).await?;
                let timestamp = self.entry(&process, index)?.timestamp;
                let body = json!({ "id": item.id().to_string(), "timestamp": timestamp.to_string() });
                Ok(Response::json(201, &body))
            }
            ("GET", []) => self.scheduler_root(route).await,
            ("GET", ["timestamp"]) => {
                let now = self.host.now();
                let body = json!({ "timestamp": now, "block_height": clock::height(now) });
                Ok(Response::json(200, &body))
            }
            ("GET", ["processes", process]) => {
                let process = self.known(process).await?;
                let kept = store::item(&self.host, &process)
                    .await?
                    .ok_or_else(|| lost("a process"))?;
                Ok(Response::json(200, &shown::process(&kept)))
            }
            ("GET", [process, "latest"]) => {
                let process = self.known(process).await?;
                let last = self.schedules.get(&process).and_then(|known| known.slots().last());
                let index = *last.ok_or_else(|| lost("the first entry of a process"))?;
                Ok(Response::json(200, &self.edge(&process, index).await?["node"]))
            }
            ("GET", [id]) => match route.get("process-id") {
                // Of a message, unless it is the process itself whose messages are asked for.
                Some(process) if process != *id => self.one(id, process).await,
                Some(_) if !["from", "to", "limit"].iter().any(|name| route.has(name)) => self.one(id, id).await,
                _ => self.page(id, route).await,
            },
            (method, []) => Err(Refusal::method(method)),
            ("GET", _) => Err(Refusal::missing("The scheduler has nothing at this path")),
            (method, _) => Err(Refusal::method(method)),
        }
    }

    async fn scheduler_root(&mut self, route: &Route) -> Answer<Response> {
        let processes = match route.get("process-id") {
            Some(process) => vec![self.known(process).await?.to_string()],
            None => {
                let names = self.host.names("process/").await?;
                names
                    .iter()
                    .filter_map(|name| Some(name.rsplit('/').next()?.to_owned()))
                    .collect()
            }
        };
        let address = self.address.to_string();
        let body = json!({
            "Unit": "Scheduler", "Timestamp": self.host.now(), "Address": address, "address": address,
            "url": format!("{}/su", self.options.url), "Processes": processes
        });
        Ok(Response::json(200, &body))
    }

    async fn one(&mut self, id: &str, process: &str) -> Answer<Response> {
        let process = self.known(process).await?;
        let id = route::id(id, "The message's id")?;
        let entries = self.schedules.get(&process);
        let index = entries.and_then(|known| known.place(&id).filter(|index| !known.entries[*index].is_tick()));
        let index = match index {
            None => self.assigned(&process, &id).await?,
            index => index,
        };
        let index = index.ok_or_else(|| Refusal::missing(format!("Process {process} has no message {id}")))?;
        Ok(Response::json(200, &self.edge(&process, index).await?["node"]))
    }

    /// Messages in `(from, to]`, which are timestamps.
    async fn page(&mut self, process: &str, route: &Route) -> Answer<Response> {
        let process = self.known(process).await?;
        let from = route.number("from")?;
        let to = route.number("to")?.unwrap_or(u64::MAX);
        let limit = route.limit(PAGE, MOST)?;
        let schedule = self.schedules.get(&process).ok_or_else(|| lost("a schedule"))?;
        let inside = schedule.within(from, to);
        let more = inside.len() > limit;
        let page = schedule.slots()[inside].iter().copied().take(limit);
        let page: Vec<usize> = page.collect();
        let mut edges = Vec::with_capacity(page.len());
        for index in page {
            edges.push(self.edge(&process, index).await?);
        }
        let info = json!({ "process": process.to_string(), "has_next_page": more });
        Ok(Response::json(200, &json!({ "page_info": info, "edges": edges })))
    }

    /// `{ cursor, node: { message, assignment } }`.
    pub(super) async fn edge(&self, process: &Id, index: usize) -> Result<serde_json::Value> {
        let entry = self.entry(process, index)?;
        let kept = store::item(&self.host, &entry.id)
            .await?
            .ok_or_else(|| lost("a message"))?;
        let assignment = self.assignment(process, index).await?;
        Ok(json!({
            "cursor": entry.timestamp.to_string(),
            "node": { "message": shown::message(&kept.item), "assignment": shown::assignment(&assignment) }
        }))
    }

    /// The assignment to an entry that has a slot. It is signed when it is first asked for: everything in it is settled
    /// when the message comes, and most are never looked at.
    pub(super) async fn assignment(&self, process: &Id, index: usize) -> Result<DataItem> {
        let name = store::assignment_name(process, index);
        if let Some(raw) = self.host.get(&name).await? {
            return DataItem::parse(raw);
        }
        let entry = self.entry(process, index)?;
        let draft = Draft {
            tags: assignment_tags(process, entry).ok_or_else(|| lost("an assignment"))?,
            ..Draft::default()
        };
        let signed = self.host.sign(draft, Vec::new()).await?;
        // First, so that whoever has the assignment finds what it is to.
        let place = store::assigned_name(process, &signed.id);
        self.host.insert(&place, index.to_string().as_bytes()).await?;
        if self.host.insert(&name, &signed.raw).await? {
            return DataItem::parse(signed.raw);
        }
        let raw = self.host.get(&name).await?.ok_or_else(|| lost("an assignment"))?;
        DataItem::parse(raw)
    }

    /// The entry that has an assignment of this id.
    pub(super) async fn assigned(&self, process: &Id, assignment: &Id) -> Result<Option<usize>> {
        let bytes = self.host.get(&store::assigned_name(process, assignment)).await?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok()))
    }

    /// The id of a process that there is.
    pub(super) async fn known(&mut self, process: &str) -> Answer<Id> {
        let id = route::id(process, "The process's id")?;
        if self.know(&id).await? {
            return Ok(id);
        }
        Err(Refusal::missing(format!("There is no process {id} in this network")))
    }

    pub(super) fn entry(&self, process: &Id, index: usize) -> Result<&Entry> {
        let schedule = self.schedules.get(process);
        schedule
            .and_then(|schedule| schedule.entries.get(index))
            .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("Process {process} has no entry {index}")))
    }
}

fn assignment_tags(process: &Id, entry: &Entry) -> Option<Vec<Tag>> {
    let mut tags = vec![
        Tag::new("Process", process.to_string()),
        Tag::new("Epoch", "0"),
        Tag::new("Nonce", entry.nonce.to_string()),
        Tag::new("Hash-Chain", entry.chain()?.to_string()),
        Tag::new("Block-Height", clock::height(entry.timestamp).to_string()),
        Tag::new("Timestamp", entry.timestamp.to_string()),
        Tag::new("Data-Protocol", PROTOCOL),
        Tag::new("Type", "Assignment"),
        Tag::new("Variant", VARIANT),
        Tag::new("Message", entry.id.to_string()),
    ];
    match &entry.kind {
        Kind::Message { exclude, .. } if !exclude.is_empty() => tags.push(Tag::new("Exclude", exclude.join(","))),
        _ => {}
    }
    Some(tags)
}
