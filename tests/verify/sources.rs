//! A scheduler and a gateway that serve recordings, and what an adversary makes of them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use aoxide::ans104::{DataItem, Draft, Tag};
use aoxide::arweave::{Id, to_base64url};
use aoxide::client::{Client, Units};
use aoxide::platform::{Body, Clock, Download, Http, Request, Response, Timers};
use aoxide::signer::Signer;
use aoxide::verify::{Chain, Gateway, Schedule, VerifiedEntry};
use aoxide::{Error, ErrorKind, Result};
use pollster::block_on;
use serde_json::{Value, json};

use super::recording::Recording;
use super::support::signer;

/// A scheduler unit and a gateway.
#[derive(Clone, Default)]
pub struct Sources {
    /// The edges of the schedule, by their place.
    pub edges: RefCell<Vec<Value>>,
    /// Items by id. Of an item under another id, the gateway shows the data and the parts.
    pub items: RefCell<HashMap<String, Vec<u8>>>,
    /// Transactions of the base layer by id: their JSON, and their data.
    pub transactions: RefCell<HashMap<String, (Value, Vec<u8>)>>,
    /// Whether the gateway returns whole items, and not their data.
    pub whole: Cell<bool>,
    /// What the gateway shows of items that nobody has: GraphQL nodes by id.
    pub nodes: RefCell<HashMap<String, Value>>,
    /// What the compute unit answers, by the path and query: status and body.
    pub answers: RefCell<HashMap<String, (u16, String)>>,
    /// What the scheduler says about the process.
    pub shown_process: RefCell<Value>,
    /// The time.
    pub now: Cell<u64>,
    /// The checkpoints that the gateway lists, whatever was asked.
    pub listed: RefCell<Vec<String>>,
    pub requests: RefCell<Vec<String>>,
}

impl Sources {
    pub fn of(recording: &Recording, process: &str) -> Self {
        let sources = Self::default();
        *sources.edges.borrow_mut() = recording.schedule(process);
        *sources.items.borrow_mut() = recording.items.clone();
        sources
    }

    /// Changes the node of an edge: its message and its assignment.
    pub fn change(&self, slot: usize, change: impl FnOnce(&mut Value)) {
        change(&mut self.edges.borrow_mut()[slot]["node"]);
    }

    pub fn client(&self) -> Client<&Self> {
        let units = Units {
            graphql: "https://gateway/graphql".into(),
            scheduler: Some("https://su".into()),
            compute: "https://cu".into(),
            ..Units::default()
        };
        Client::new(self, units)
    }

    /// Reads and verifies the whole schedule, in pages of 20.
    pub fn verify(&self, process: &str) -> Result<Vec<VerifiedEntry>> {
        let process = Id::parse(process, "process")?;
        let client = self.client();
        block_on(async {
            let gateway = Gateway::new(&client, self, "https://gateway");
            read_all(Schedule::from_genesis(gateway, process).await?).await
        })
    }

    /// The same with the scheduler whose key the tests have.
    pub fn verify_own(&self, process: &str) -> Result<Vec<VerifiedEntry>> {
        let process = Id::parse(process, "process")?;
        let client = self.client();
        let gateway = Gateway::new(&client, self, "https://gateway");
        let chain = Chain::from_genesis(process, own_address());
        block_on(read_all(Schedule::with(gateway, process, chain)))
    }

    fn edges_of(&self, url: &str) -> String {
        let value = |name: &str| {
            let pair = url
                .split(['?', '&'])
                .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            pair.unwrap_or_else(|| panic!("{url} has no {name}")).to_string()
        };
        assert_eq!(value("show-anchor"), "1");
        let from: i64 = value("from-nonce").parse().unwrap();
        let limit: usize = value("limit").parse().unwrap();
        let edges = self.edges.borrow();
        let page: Vec<_> = edges.iter().skip((from + 1) as usize).take(limit).collect();
        json!({ "page_info": { "has_next_page": page.len() == limit }, "edges": page }).to_string()
    }

    fn node(&self, query: &str) -> String {
        let query: Value = serde_json::from_str(query).unwrap();
        let items = self.items.borrow();
        let Some(id) = query["variables"]["ids"][0].as_str() else {
            let listed = self.listed.borrow();
            let edges: Vec<_> = listed.iter().map(|id| node_of(id, &items[id])).collect();
            return json!({ "data": { "transactions": { "edges": edges } } }).to_string();
        };
        let shown = items.get(id).map(|raw| node_of(id, raw));
        let shown = shown.or_else(|| self.nodes.borrow().get(id).map(|node| json!({ "node": node })));
        let mut edges: Vec<_> = shown.into_iter().collect();
        if let Some((transaction, _)) = self.transactions.borrow().get(id) {
            edges.push(json!({ "node": {
                "id": id,
                "signature": transaction["signature"],
                "anchor": transaction["last_tx"],
                "recipient": transaction["target"],
                "owner": { "key": transaction["owner"] },
                "tags": [],
            } }));
        }
        json!({ "data": { "transactions": { "edges": edges } } }).to_string()
    }
}

async fn read_all(schedule: Schedule<'_, &Sources, Sources>) -> Result<Vec<VerifiedEntry>> {
    let mut schedule = schedule.with_limit(20);
    let mut all = Vec::new();
    loop {
        let page = schedule.next_page().await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn node_of(id: &str, raw: &[u8]) -> Value {
    let item = DataItem::parse(raw.to_vec()).unwrap();
    let head = item.head();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let tags = head.tags().iter();
    let tags: Vec<_> = tags
        .map(|tag| json!({ "name": text(&tag.name), "value": text(&tag.value) }))
        .collect();
    json!({ "node": {
        "id": id,
        "signature": to_base64url(head.signature()),
        "anchor": to_base64url(head.anchor()),
        "recipient": to_base64url(head.target()),
        "owner": { "key": to_base64url(head.owner()), "address": Id::of(head.owner()).to_string() },
        "tags": tags,
    } })
}

impl Http for &Sources {
    type Item = Vec<u8>;

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response> {
        self.requests.borrow_mut().push(request.url.clone());
        if let Some(path) = request.url.strip_prefix("https://cu") {
            let (status, body) = self.answers.borrow().get(path).cloned().unwrap_or((404, String::new()));
            return Ok(Response {
                status,
                body,
                ..Response::default()
            });
        }
        let body = match &request.body {
            Body::Text(query) => self.node(query),
            _ if request.url.starts_with("https://su/processes/") => self.shown_process.borrow().to_string(),
            _ => self.edges_of(&request.url),
        };
        Ok(Response {
            status: 200,
            body,
            ..Response::default()
        })
    }
}

impl Clock for &Sources {
    fn now(&self) -> u64 {
        self.now.get()
    }
}

impl Timers for &Sources {
    async fn sleep(&self, _: u32) {}
}

impl Download for Sources {
    async fn download(&self, url: &str) -> Result<Vec<u8>> {
        self.requests.borrow_mut().push(url.into());
        let transactions = self.transactions.borrow();
        let missing = || Error::new(ErrorKind::HttpStatus, "404");
        if let Some(id) = url.strip_prefix("https://gateway/tx/") {
            let (transaction, _) = transactions.get(id).ok_or_else(missing)?;
            return Ok(transaction.to_string().into_bytes());
        }
        let id = url.strip_prefix("https://gateway/raw/").unwrap();
        if let Some((_, data)) = transactions.get(id) {
            return Ok(data.clone());
        }
        let items = self.items.borrow();
        let raw = items.get(id).ok_or_else(missing)?.clone();
        Ok(match self.whole.get() {
            true => raw,
            false => DataItem::parse(raw).unwrap().data().to_vec(),
        })
    }
}

/// The address of the tests' own key.
pub fn own_address() -> Id {
    Id::of(DataItem::parse(signed(Draft::default())).unwrap().head().owner())
}

fn signed(draft: Draft) -> Vec<u8> {
    block_on(signer().sign(draft, Vec::new())).unwrap().raw
}

/// Signs an item with the tests' own key. Returns its id and its bytes.
pub fn own_item(tags: &[(&str, String)], data: Vec<u8>) -> (String, Vec<u8>) {
    let tags = tags.iter().map(|(name, value)| Tag::new(*name, value.as_str()));
    let draft = Draft {
        tags: tags.collect(),
        ..Draft::default()
    };
    let signed = block_on(signer().sign(draft, data)).unwrap();
    (signed.id.to_string(), signed.raw)
}

/// Signs an assignment anew, with the tests' own key and these tags.
pub fn sign_again(assignment: &mut Value, change: impl Fn(&str, &str) -> Option<String>) {
    let tags: Vec<Tag> = assignment["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| {
            let (name, value) = (tag["name"].as_str().unwrap(), tag["value"].as_str().unwrap());
            Tag::new(name, change(name, value).unwrap_or_else(|| value.into()))
        })
        .collect();
    let raw = signed(Draft {
        anchor: Some(vec![7; 32]),
        tags,
        ..Draft::default()
    });
    let id = DataItem::parse(raw.clone()).unwrap().id().to_string();
    let mut shown = node_of(&id, &raw)["node"].take();
    shown["target"] = "".into();
    *assignment = shown;
}
