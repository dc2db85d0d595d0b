//! A scripted network. The test chooses how requests fail, and a schedule records every message that was accepted.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future;
use std::rc::Rc;

use aoxide::ans104::{DataItem, Tag};
use aoxide::platform::{Body, Clock, Http, Method, Random, Request, Response, Timers};
use aoxide::{Error, ErrorKind, Result};
use serde_json::json;

use crate::PROCESS;

const MODULE: &str = r#"{"data":{"transactions":{"edges":[{"node":{"tags":[
    {"name":"Data-Protocol","value":"ao"},{"name":"Type","value":"Module"},{"name":"Module-Format","value":"f"},
    {"name":"Input-Encoding","value":"i"},{"name":"Output-Encoding","value":"o"}]}}]}}}"#;
/// The recorded response of a messenger unit to an item that the scheduler already has.
const EXISTS: &str = r#"{"error":"Error: Error: 400: {\"error\":\"MessageExists(\\\"Message already exists\\\")\"}"}"#;

/// How a request ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    Good,
    Status(u16),
    /// The request was redirected without its body, and the target responded with this status.
    Moved(u16),
    /// The connection broke, before or after the unit received the request.
    Lost,
    /// The connection never opened.
    Unopened,
    /// The connection stays open, and no response arrives.
    Silent,
}

/// Whether a POST gets a slot, and how the request ends.
pub type PostOutcome = (bool, End);

/// Units that share one schedule.
#[derive(Clone, Default)]
pub struct Network(pub Rc<Inner>);

#[derive(Default)]
pub struct Inner {
    /// The outcomes of the next POSTs. Later POSTs get a slot and a good response.
    outcomes: RefCell<VecDeque<PostOutcome>>,
    /// How the next requests for the schedule end. Later requests succeed.
    checks: RefCell<VecDeque<End>>,
    /// The ids of the messages in the schedule. The index is the slot.
    pub slots: RefCell<Vec<String>>,
    /// The requests: the first letter of the host, and the kind (`post`, `get` or `check`).
    pub seen: RefCell<Vec<(char, &'static str)>>,
    pub slept: RefCell<Vec<u32>>,
    now: Cell<u64>,
    /// Whether the scheduler refuses an item that it already has, as in the legacy network.
    pub refuses: Cell<bool>,
}

impl Network {
    pub fn new(outcomes: &[PostOutcome]) -> Self {
        let network = Self::default();
        network.0.outcomes.borrow_mut().extend(outcomes);
        // The schedule is not empty.
        network.0.slots.borrow_mut().extend(["x", "y", "z"].map(String::from));
        network.0.now.set(1_000_000_000);
        network
    }

    pub fn checks(self, ends: &[End]) -> Self {
        self.0.checks.borrow_mut().extend(ends);
        self
    }

    pub fn seen(&self) -> String {
        let seen = self.0.seen.borrow();
        let seen: Vec<_> = seen.iter().map(|(host, what)| format!("{host} {what}")).collect();
        seen.join(", ")
    }

    pub fn posts(&self) -> usize {
        self.0.seen.borrow().iter().filter(|(_, what)| *what == "post").count()
    }

    /// The number of slots that a message has.
    pub fn times(&self, id: &str) -> usize {
        self.0.slots.borrow().iter().filter(|known| *known == id).count()
    }

    fn post(&self, id: String, is_process: bool) -> Response {
        let mut slots = self.0.slots.borrow_mut();
        if is_process {
            slots.clear();
        }
        if self.0.refuses.get() && slots.contains(&id) {
            return answer(500, EXISTS);
        }
        slots.push(id.clone());
        Response {
            headers: vec![("process".into(), id)],
            ..answer(200, &json!({ "slot": slots.len() - 1 }).to_string())
        }
    }

    fn schedule(&self, path: &str) -> Response {
        let slots = self.0.slots.borrow();
        let process = &path.trim_start_matches("/base")[1..44];
        let number = |name: &str| -> Option<usize> {
            let (_, rest) = path.split_once(name)?;
            rest.split('&').next()?.parse().ok()
        };
        let Some((from, to)) = number("from=").zip(number("to=")) else {
            let newest = json!({ "current": slots.len() - 1, "process": process });
            return answer(200, &newest.to_string());
        };
        if process != PROCESS && slots.first().is_none_or(|first| first != process) {
            let details = format!("{{necessary_message_not_found,<<\"/\">>,\n <<\"{process}\">>}}");
            return answer(
                500,
                &json!({ "details": details, "status": 500, "type": "throw" }).to_string(),
            );
        }
        let assignments: serde_json::Map<_, _> = (from..=to)
            .map(|slot| {
                let commitments = json!({ &slots[slot]: { "type": "rsa-pss-sha256" }, "-": { "type": "hmac-sha256" } });
                let body = json!({ "commitments": commitments });
                let assignment = json!({ "process": process, "timestamp": 1_000_000_000, "body": body });
                (slot.to_string(), assignment)
            })
            .collect();
        answer(200, &json!({ "assignments": assignments }).to_string())
    }
}

fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        body: body.into(),
        ..Response::default()
    }
}

impl Http for Network {
    type Item = Vec<u8>;

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response> {
        let (_, rest) = request.url.split_once("://").unwrap();
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = host.chars().next().unwrap();
        let is_check = path.contains("/slot?") || path.contains("/schedule?");
        let what = match &request.method {
            _ if request.url.ends_with("graphql") => return Ok(answer(200, MODULE)),
            Method::Get if is_check => "check",
            Method::Get => "get",
            _ => "post",
        };
        self.0.seen.borrow_mut().push((host, what));
        let (accepted, end) = match what {
            "check" => (false, self.0.checks.borrow_mut().pop_front().unwrap_or(End::Good)),
            _ => self.0.outcomes.borrow_mut().pop_front().unwrap_or((true, End::Good)),
        };
        let mut response = answer(200, r#"{"raw":{}}"#);
        if what == "check" {
            response = self.schedule(path);
        } else if accepted && let Body::Item(raw) = &request.body {
            let header = request.headers.iter().find(|(name, _)| *name == "id");
            response = match header {
                Some((_, id)) => self.post(id.into(), false),
                None => {
                    let Ok(item) = DataItem::parse(raw.clone()) else {
                        return Err(Error::new(ErrorKind::HttpNetwork, "broken"));
                    };
                    let is_process = item.head().tags().contains(&Tag::new("Type", "Process"));
                    self.post(item.id().to_string(), is_process)
                }
            };
        }
        match end {
            End::Good => Ok(response),
            End::Status(status) => Ok(answer(status, "an error")),
            End::Moved(status) => Ok(Response {
                redirected: Some("https://elsewhere.test".into()),
                ..answer(status, "an error")
            }),
            End::Lost => Err(Error::new(ErrorKind::HttpNetwork, "broken")),
            End::Unopened => Err(Error::new(ErrorKind::HttpNetwork, "refused").with_unopened(true)),
            End::Silent => future::pending().await,
        }
    }
}

impl Clock for Network {
    fn now(&self) -> u64 {
        self.0.now.get()
    }
}

impl Timers for Network {
    async fn sleep(&self, milliseconds: u32) {
        self.0.slept.borrow_mut().push(milliseconds);
        self.0.now.set(self.0.now.get() + u64::from(milliseconds));
    }
}

impl Random for Network {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill(255);
        Ok(())
    }
}
