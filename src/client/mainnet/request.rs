//! One request to a node, and its answer. Every verb is a path, something to ask it with, and a look at the answer; only
//! this file waits for anything.

use std::rc::Rc;

use super::{Mainnet, NoSigner};
use crate::ans104::{Draft, Tag};
use crate::arweave::{Id, to_base64url};
use crate::client::{http, url};
use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "httpsig")]
use crate::httpsig;
use crate::platform::{Body, Earlier, Headers, Http, Method, Random, Repeat, Response, Scheduled, Unit};
use crate::protocol::{Form, Json, Node, request_tags};
use crate::signer::{Signed, Signer};

/// The form of unsigned requests. Older nodes go by the `Accept` header.
pub(super) const QUERY: &str = "require-codec=application/json&accept-bundle=true";

/// The tag that makes an item unlike all others.
pub const SALT: &str = "salt";

/// What an item is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemFields<D> {
    pub target: Option<Id>,
    /// 32 bytes. Nodes of September 2025 refuse items that have one.
    pub anchor: Option<Vec<u8>>,
    pub tags: Vec<Tag>,
    pub data: D,
}

impl<D: From<&'static str>> ItemFields<D> {
    /// An item for a path that needs nothing but a signature.
    ///
    /// # Errors
    /// None.
    pub fn plain() -> Result<Self> {
        Ok(Self {
            target: None,
            anchor: None,
            tags: request_tags(Vec::new(), Form::Headers, "Message")?,
            data: "".into(),
        })
    }
}

/// A message that is ready to be sent: encoded, and signed if it is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpMessage<B> {
    pub method: Method,
    pub headers: Headers,
    pub body: Option<B>,
    /// Of its signature, if it has one.
    pub id: Option<Id>,
}

impl<B> HttpMessage<B> {
    /// What a further copy means to the node.
    fn repeat(&self, node: &Rc<str>, path: &str) -> Repeat {
        // A signed `GET` of `push` schedules what it carries.
        if !self.method.has_body() && (self.id.is_none() || last_key(path) != "push") {
            return Repeat::Freely;
        }
        let mut process = None;
        if let Headers::Own(fields) = &self.headers {
            for (name, value) in fields.iter() {
                match &**name {
                    "target" if process.is_none() => process = Id::parse(value, "").ok(),
                    "type" if value.eq_ignore_ascii_case("process") => process = self.id,
                    _ => {}
                }
            }
        }
        scheduled(node, path, process, self.id)
    }
}

#[cfg(feature = "httpsig")]
impl HttpMessage<Vec<u8>> {
    /// Posts a message that has a body.
    fn new(headers: &httpsig::Fields, body: Option<Vec<u8>>, id: Option<Id>) -> Self {
        // An empty body is none: what counts is its digest.
        let body = body.filter(|body| !body.is_empty());
        Self {
            method: if body.is_some() { Method::Post } else { Method::Get },
            headers: headers.to_text().collect(),
            body,
            id,
        }
    }
}

#[cfg(feature = "httpsig")]
impl From<httpsig::Signed> for HttpMessage<Vec<u8>> {
    fn from(signed: httpsig::Signed) -> Self {
        Self::new(&signed.headers, signed.body, Some(signed.id))
    }
}

#[cfg(feature = "httpsig")]
impl From<httpsig::Encoded> for HttpMessage<Vec<u8>> {
    /// Not signed.
    fn from(encoded: httpsig::Encoded) -> Self {
        Self::new(&encoded.headers, encoded.body, None)
    }
}

/// With what a path is asked.
pub enum Payload<'a, S: Signer> {
    /// With an item, which is posted.
    Item(ItemFields<S::Data>, &'a S),
    /// With an item that says who asks; nothing is kept of it.
    SignedRead(ItemFields<S::Data>, &'a S),
    /// With a message in HTTP's own form.
    Http(HttpMessage<S::Item>),
    /// With nothing, for JSON.
    Json,
    /// With nothing, for what the node likes to answer.
    Plain,
}

/// What a node answered with success.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeResponse {
    pub url: String,
    /// Of the item or the message that was sent, if it was signed.
    pub id: Option<Id>,
    pub response: Response,
}

impl<H: Http + Random> Mainnet<H> {
    /// Asks a path. This is what `request` does, and what all the verbs come down to.
    ///
    /// # Errors
    /// Whatever is wrong with an item or its signing, before anything is sent; then `HttpNetwork` and `HttpStatus`, with
    /// the `id` of the item or the message among the details.
    pub async fn ask<S>(&self, path: &str, how: Payload<'_, S>) -> Result<NodeResponse>
    where
        S: Signer<Item = H::Item>,
    {
        let mut request = http::get(url::under(&self.node, path), Some(Unit::Node));
        request.follow_redirects = true;
        request.unread = true;
        let is_signed_read = matches!(how, Payload::SignedRead(..));
        let id = match how {
            Payload::Plain => {
                request.follow_redirects = false;
                None
            }
            Payload::Json => {
                request.url.push(if request.url.contains('?') { '&' } else { '?' });
                request.url.push_str(QUERY);
                request.headers = http::ACCEPT_JSON;
                None
            }
            Payload::Item(fields, signer) | Payload::SignedRead(fields, signer) => {
                let is_process = fields
                    .tags
                    .iter()
                    .any(|tag| tag.name.eq_ignore_ascii_case(b"type") && tag.value.eq_ignore_ascii_case(b"process"));
                let target = fields.target;
                let draft = self.draft(target, fields.anchor, fields.tags, !is_signed_read)?;
                let Signed { id, raw } = signer.sign(draft, fields.data).await?;
                let process = if is_process { Some(id) } else { target };
                if !is_signed_read {
                    request.repeat = scheduled(&self.node, path, process, Some(id));
                }
                request.method = Method::Post;
                request.headers = http::SEND_ANS104;
                request.body = Body::Item(raw);
                Some(id)
            }
            Payload::Http(message) => {
                request.repeat = message.repeat(&self.node, path);
                request.method = message.method;
                request.headers = message.headers;
                request.body = message.body.map_or(Body::None, Body::Item);
                message.id
            }
        };
        let url = request.url.clone();
        let is_read = matches!(request.repeat, Repeat::Freely);
        let is_post = request.method.has_body();
        request.no_store = !is_post;
        let outcome = self.platform.send(request).await;
        // A process that fails at a message answers 400 to it, and the message has its slot. What answers 404 may be behind it.
        let is_open = outcome
            .as_ref()
            .is_ok_and(|response| matches!(response.status, 400 | 404));
        let may_have_arrived = !is_read && (is_open || http::may_have_arrived(&outcome));
        let checked = outcome.and_then(|response| {
            if is_post && response.redirected.is_some() {
                http::check_redirect(&response, &url, arrived(&response, id))?;
            }
            http::check_status(&response, &url)?;
            Ok(response)
        });
        match checked {
            Ok(response) => Ok(NodeResponse { url, id, response }),
            Err(error) if may_have_arrived => Err(with_id(error.advise(http::CHECK_BEFORE_RESENDING), id)),
            Err(error) => Err(with_id(error, id)),
        }
    }

    /// Sends a message that is ready.
    ///
    /// # Errors
    /// `HttpNetwork` and `HttpStatus`, with its `id` among the details.
    pub async fn request(&self, path: &str, message: HttpMessage<H::Item>) -> Result<NodeResponse> {
        self.ask::<NoSigner<H::Item>>(path, Payload::Http(message)).await
    }

    /// An item without an anchor gets a tag that no other item has. Nodes keep messages by their content: two processes with the
    /// same fields get in each other's way.
    fn draft(&self, target: Option<Id>, anchor: Option<Vec<u8>>, mut tags: Vec<Tag>, is_kept: bool) -> Result<Draft> {
        let has_salt = || tags.iter().any(|tag| tag.name.eq_ignore_ascii_case(SALT.as_bytes()));
        if is_kept && anchor.is_none() && !has_salt() {
            let mut bytes = [0; 24];
            self.platform.fill(&mut bytes)?;
            tags.insert(0, Tag::new(SALT, to_base64url(&bytes)));
        }
        let draft = Draft { target, anchor, tags };
        // A wallet asks a person; it must not do so for what can never be sent.
        draft.check()?;
        Ok(draft)
    }
}

impl NodeResponse {
    /// # Errors
    /// `BadResponse` when the body is not JSON.
    pub fn json(self) -> Result<Json> {
        let id = self.id;
        http::json_of(self.response, self.url).map_err(|error| with_id(error, id))
    }

    /// Refuses an answer that is said to be of another slot than this one.
    ///
    /// # Errors
    /// `BadResponse`.
    pub fn check_slot(&self, asked: u64) -> Result<()> {
        let body = Json::new(self.response.body.clone()).and_then(|body| body.node().map_err(|_| String::new()));
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

    /// State, for which some nodes answer with a text that stands alone.
    ///
    /// # Errors
    /// `BadResponse` when the body is neither JSON nor plain text, or looks like something that broke off.
    pub fn state(self) -> Result<Json> {
        let Response { body, .. } = &self.response;
        let kind = self.response.header("content-type").unwrap_or("text/plain");
        let alone = kind.starts_with("text/plain") && !body.is_empty() && !body.starts_with(['{', '[', '"', '<']);
        match Json::new(body.clone()) {
            Err(text) if alone => Ok(Json::text(&text)),
            _ => self.json(),
        }
    }

    /// The answer to a message.
    ///
    /// # Errors
    /// `BadResponse` when the body is not JSON.
    pub fn delivered(self) -> Result<Delivered> {
        let id = self.id.map(|id| id.to_string()).unwrap_or_default();
        let slot = self.response.header("slot").and_then(|slot| slot.parse().ok());
        if let Earlier::Scheduled(slot) = self.response.earlier {
            return Ok(Delivered {
                id,
                slot: Some(slot),
                answer: None,
            });
        }
        let answer = match self.json() {
            Ok(answer) => answer,
            // The head of the answer says what counts.
            Err(_) if slot.is_some() => return Ok(Delivered { id, slot, answer: None }),
            Err(error) => return Err(error.advise(http::CHECK_BEFORE_RESENDING)),
        };
        Ok(Delivered {
            id,
            slot: answer.node().ok().and_then(|answer| slot_in(&answer, "slot")).or(slot),
            answer: Some(answer),
        })
    }

    /// The process that a spawn made.
    ///
    /// # Errors
    /// `BadResponse` when the node names none.
    pub fn process(&self) -> Result<String> {
        let named = match self.response.earlier {
            Earlier::Scheduled(_) => self.id.map(|id| id.to_string()),
            _ => self.response.header("process").map(String::from),
        };
        named.ok_or_else(|| {
            self.lacks("Error spawning process: the node's answer names no process")
                .advise(http::CHECK_BEFORE_RESENDING)
        })
    }

    /// A slot that stands alone.
    ///
    /// # Errors
    /// `BadResponse` when the body is no number.
    pub fn slot(&self) -> Result<u64> {
        let slot = self.response.body.trim().parse();
        slot.map_err(|_| self.lacks("Error getting current process slot: the node's answer is no number"))
    }

    /// An address that stands alone.
    ///
    /// # Errors
    /// `BadResponse` when the body is none.
    pub fn address(&self) -> Result<String> {
        let address = self.response.body.trim();
        match Id::parse(address, "") {
            Ok(_) => Ok(address.into()),
            Err(_) => Err(self.lacks("No scheduler provided, and the node does not say its own address")),
        }
    }

    fn lacks(&self, what: &str) -> Error {
        let error = Error::new(ErrorKind::BadResponse, what)
            .with_text("url", &self.url)
            .with_text("body", &self.response.body);
        with_id(error, self.id)
    }
}

/// A message that a node accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    pub id: String,
    pub slot: Option<u64>,
    /// What the node says of it; of a pushed one, its [`Evaluation`](crate::protocol::Evaluation) too.
    /// None when the node's answer was lost, and its schedule shows the message; or when only its head could be read.
    pub answer: Option<Json>,
}

/// Whether an answer can only be that to a message: it has the message's id, its slot, or the process that it made.
fn arrived(response: &Response, id: Option<Id>) -> bool {
    ["slot", "process"].iter().any(|name| response.header(name).is_some())
        || id.is_some_and(|id| http::contains(response, &id.to_string()))
        || Json::new(response.body.clone())
            .ok()
            .and_then(|body| slot_in(&body.node().ok()?, "slot"))
            .is_some()
}

/// The slot that a body tells of. In a value that the body wraps, only `at-slot` is the node's own.
fn slot_in(body: &Node, name: &str) -> Option<u64> {
    let wrapped = body.get("ao-result").and_then(Node::text).filter(|_| name == "at-slot");
    match wrapped
        .and_then(|wrapped| body.get(wrapped))
        .unwrap_or(body)
        .get(name)?
    {
        Node::Whole(slot) => Some(*slot),
        Node::Text(slot) => slot.parse().ok(),
        _ => None,
    }
}

/// What a further copy of a message means to the node: one more slot. That shows in the schedule of the message's target, if it
/// has one, or else of the process in the path.
fn scheduled(node: &Rc<str>, path: &str, process: Option<Id>, message: Option<Id>) -> Repeat {
    // The id of a process has 43 characters, and more keys or its device behind it.
    let of_path = || Id::parse(path.strip_prefix('/').unwrap_or(path).get(..43)?, "").ok();
    let is_scheduled = matches!(last_key(path), "push" | "schedule");
    let process = process.or_else(of_path).filter(|_| is_scheduled);
    Repeat::IfNotTaken(process.zip(message).map(|(process, message)| {
        Rc::new(Scheduled {
            node: node.clone(),
            process,
            message,
        })
    }))
}

/// The last key of a path, without its parameters.
fn last_key(path: &str) -> &str {
    let before = |path, end| match str::split_once(path, end) {
        Some((before, _)) => before,
        None => path,
    };
    let path: &str = before(path, '?');
    let start = path.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
    before(path.get(start..).unwrap_or_default(), '&')
}

fn with_id(error: Error, id: Option<Id>) -> Error {
    match id {
        Some(id) => error.with_text("id", id.to_string()),
        None => error,
    }
}
