//! Reading a node's response.

use super::plan::Reading;
use crate::arweave::Id;
use crate::client::http;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Earlier, Response};
use crate::protocol::{Json, JsonTree};
use crate::signer::Signer;

/// A node's response with a status of success.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeResponse {
    pub url: String,
    /// Id of the item or the message that was sent, if it was signed.
    pub id: Option<Id>,
    pub response: Response,
}

/// What a plan results in.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    Raw(NodeResponse),
    Json(Json),
    Slot(u64),
    /// The slots of a page of results.
    Page(Vec<u64>),
    Delivered(Delivered),
    /// Id of a new process.
    Process(String),
}

/// A message that a node accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    pub id: String,
    pub slot: Option<u64>,
    /// The body of the node's response. For a pushed message it includes the
    /// [`Evaluation`](crate::protocol::Evaluation). `None` if the response was lost and the schedule shows the message, or
    /// if only the head of the response can be read.
    pub body: Option<Json>,
}

impl Delivered {
    /// The slot.
    ///
    /// # Errors
    /// `BadResponse` if the response names none, with the `id` and the response among the details.
    pub fn known_slot(&self) -> Result<u64> {
        const NO_SLOT: &str = "The node's answer names no slot. The message may be scheduled all the same";
        self.slot.ok_or_else(|| {
            let error = Error::new(ErrorKind::BadResponse, NO_SLOT).with_text("id", self.id.as_str());
            match &self.body {
                Some(body) => error.with_text("body", body.as_str()),
                None => error,
            }
        })
    }
}

impl Reply {
    /// # Errors
    /// `BadResponse` for another kind of reply.
    pub(super) fn raw(self) -> Result<NodeResponse> {
        match self {
            Self::Raw(response) => Ok(response),
            _ => Err(other_reply()),
        }
    }

    /// # Errors
    /// `BadResponse` for another kind of reply.
    pub(super) fn json(self) -> Result<Json> {
        match self {
            Self::Json(json) => Ok(json),
            Self::Slot(slot) => Json::new(slot.to_string()).map_err(|_| other_reply()),
            _ => Err(other_reply()),
        }
    }

    /// # Errors
    /// `BadResponse` for another kind of reply.
    pub(super) fn slot(self) -> Result<u64> {
        match self {
            Self::Slot(slot) => Ok(slot),
            _ => Err(other_reply()),
        }
    }

    /// # Errors
    /// `BadResponse` for another kind of reply.
    pub(super) fn page(self) -> Result<Vec<u64>> {
        match self {
            Self::Page(slots) => Ok(slots),
            _ => Err(other_reply()),
        }
    }

    /// # Errors
    /// `BadResponse` for another kind of reply.
    pub(super) fn delivered(self) -> Result<Delivered> {
        match self {
            Self::Delivered(delivered) => Ok(delivered),
            _ => Err(other_reply()),
        }
    }

    /// # Errors
    /// `BadResponse` for another kind of reply.
    pub(super) fn process(self) -> Result<String> {
        match self {
            Self::Process(process) => Ok(process),
            _ => Err(other_reply()),
        }
    }
}

/// Cannot happen: each verb reads the reply of its own plan.
fn other_reply() -> Error {
    Error::new(ErrorKind::BadResponse, "The plan has another kind of reply")
}

impl NodeResponse {
    /// Reads the response as the plan says.
    ///
    /// # Errors
    /// `BadResponse`.
    pub(super) fn read<S: Signer>(self, reading: &Reading<'_, S>) -> Result<Reply> {
        if let Reading::Json(Some(slot)) | Reading::State(Some(slot)) = reading {
            self.check_slot(*slot)?;
        }
        Ok(match reading {
            Reading::Raw => Reply::Raw(self),
            Reading::Json(_) => Reply::Json(self.json()?),
            Reading::State(_) => Reply::Json(self.state()?),
            Reading::Slot => Reply::Slot(self.slot()?),
            Reading::Page(page) => Reply::Page(page.slots(self.slot()?)),
            Reading::Delivered => Reply::Delivered(self.delivered()?),
            Reading::Process => Reply::Process(self.process()?),
            Reading::Scheduler(..) => Reply::Process(self.address()?),
        })
    }

    fn json(self) -> Result<Json> {
        let id = self.id;
        http::json_of(self.response, self.url).map_err(|error| with_id(error, id))
    }

    /// Refuses a response that names another slot than this one.
    fn check_slot(&self, asked: u64) -> Result<()> {
        let body = Json::new(self.response.body.clone()).and_then(|body| body.tree().map_err(|_| String::new()));
        let said = ["at-slot", "slot"].into_iter().find_map(|name| {
            let header = self.response.header(name).and_then(|slot| slot.parse().ok());
            header.or_else(|| slot_in(body.as_ref().ok()?, name))
        });
        match said {
            Some(said) if said != asked => Err(self
                .lacks(&format!(
                    "The node answered with slot {said} in place of slot {asked}. Try another node"
                ))
                .with_number("slot", said as f64)),
            _ => Ok(()),
        }
    }

    /// A state. Some nodes answer with the bare text of a single value. A body that is neither JSON nor plain text, or that
    /// looks like a JSON or HTML document that was cut off, is an error.
    fn state(self) -> Result<Json> {
        let Response { body, .. } = &self.response;
        let kind = self.response.header("content-type").unwrap_or("text/plain");
        let is_bare = kind.starts_with("text/plain") && !body.is_empty() && !body.starts_with(['{', '[', '"', '<']);
        match Json::new(body.clone()) {
            Err(text) if is_bare => Ok(Json::text(&text)),
            _ => self.json(),
        }
    }

    fn delivered(self) -> Result<Delivered> {
        let id = self.id.map(|id| id.to_string()).unwrap_or_default();
        let slot = self.response.header("slot").and_then(|slot| slot.parse().ok());
        if let Earlier::Scheduled(slot) = self.response.earlier {
            return Ok(Delivered {
                id,
                slot: Some(slot),
                body: None,
            });
        }
        let body = match self.json() {
            Ok(body) => body,
            // The head names the slot, which is enough.
            Err(_) if slot.is_some() => return Ok(Delivered { id, slot, body: None }),
            Err(error) => return Err(error.advise(http::CHECK_BEFORE_RESENDING)),
        };
        Ok(Delivered {
            id,
            slot: body.tree().ok().and_then(|body| slot_in(&body, "slot")).or(slot),
            body: Some(body),
        })
    }

    /// The id of the process that a spawn created.
    fn process(&self) -> Result<String> {
        let named = match self.response.earlier {
            Earlier::Scheduled(_) => self.id.map(|id| id.to_string()),
            _ => self.response.header("process").map(String::from),
        };
        named.ok_or_else(|| {
            self.lacks("Error spawning process: the node's answer names no process")
                .advise(http::CHECK_BEFORE_RESENDING)
        })
    }

    /// A slot as the whole body.
    fn slot(&self) -> Result<u64> {
        let slot = self.response.body.trim().parse();
        slot.map_err(|_| self.lacks("Error getting current process slot: the node's answer is no number"))
    }

    /// An address as the whole body.
    pub(super) fn address(&self) -> Result<String> {
        let address = self.response.body.trim();
        match Id::parse(address, "") {
            Ok(_) => Ok(address.into()),
            Err(_) => {
                Err(self
                    .lacks("No scheduler provided, and the node does not name its own address. Give the `scheduler`"))
            }
        }
    }

    fn lacks(&self, what: &str) -> Error {
        let error = Error::new(ErrorKind::BadResponse, what)
            .with_text("url", &self.url)
            .with_text("body", &self.response.body);
        with_id(error, self.id)
    }
}

/// Whether a response can only be the one to this message: it has the message's id, a slot, or the id of a new process.
pub(super) fn proves_arrival(response: &Response, id: Option<Id>) -> bool {
    ["slot", "process"].iter().any(|name| response.header(name).is_some())
        || id.is_some_and(|id| http::contains(response, &id.to_string()))
        || Json::new(response.body.clone())
            .ok()
            .and_then(|body| slot_in(&body.tree().ok()?, "slot"))
            .is_some()
}

/// The slot that a body names. In a value that the body wraps, only `at-slot` comes from the node.
fn slot_in(body: &JsonTree, name: &str) -> Option<u64> {
    let wrapped = body
        .get("ao-result")
        .and_then(JsonTree::text)
        .filter(|_| name == "at-slot");
    match wrapped
        .and_then(|wrapped| body.get(wrapped))
        .unwrap_or(body)
        .get(name)?
    {
        JsonTree::Whole(slot) => Some(*slot),
        JsonTree::Text(slot) => slot.parse().ok(),
        _ => None,
    }
}

pub(super) fn with_id(error: Error, id: Option<Id>) -> Error {
    match id {
        Some(id) => error.with_text("id", id.to_string()),
        None => error,
    }
}
