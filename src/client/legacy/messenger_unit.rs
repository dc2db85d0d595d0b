//! Writes to the messenger unit: messages, spawns, monitors and assignments.

use super::{Client, check_ids};
use crate::ans104::{Draft, Tag};
use crate::arweave::Id;
use crate::client::http::{self, CHECK_BEFORE_RESENDING, SEND_ITEM};
use crate::client::{Message, url};
use crate::error::{Error, Result};
use crate::platform::{Body, Clock, Http, Method, Repeat, Request, Timers, Unit};
use crate::protocol::{Json, JsonTree, message_tags, process_tags};
use crate::signer::{SignedItem, Signer};

/// Data of an item for which the caller gave none. Some units refuse items without data.
const DEFAULT_DATA: &str = " ";

/// [`LOOK_FIRST`] of an assignment, which has no id before a scheduler gives it one.
const LOOK_AT_SCHEDULE: &str = "The assignment may have arrived: look at the schedule before you repeat it";

/// What a new process is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Spawn<D> {
    pub module: String,
    pub scheduler: String,
    pub data: Option<D>,
    pub tags: Vec<Tag>,
    /// Milliseconds since 1970 for the `Timestamp` tag. Default: now.
    pub timestamp: Option<u64>,
}

/// Assigns a message to another process, which then evaluates it too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assign {
    pub process: String,
    pub message: String,
    /// Whether the message is a transaction of Arweave's base layer, not an item of AO.
    pub base_layer: bool,
    /// Members of the message that the process does not get.
    pub exclude: Option<Vec<String>>,
}

/// A message that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub id: String,
    /// Its slot, if the caller asked for it.
    pub slot: Option<String>,
}

impl<H: Http + Clock + Timers> Client<H> {
    /// Signs a message and sends it. With `slot`, then requests its slot from the scheduler.
    ///
    /// # Errors
    /// Before anything is sent: what is wrong with the message, and the errors of the signer. Then `HttpNetwork`, `HttpStatus` and
    /// `BadResponse`, with the signed item's `id` among the details.
    pub async fn message<S>(&self, message: Message<S::Data>, signer: &S, slot: bool) -> Result<Receipt>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        let process = message.process.clone();
        let signed = self.sign_message(message, signer).await?;
        let id = signed.id.to_string();
        self.post_item(signed, &id, false).await?;
        let slot = match slot {
            true => Some(
                self.slot(&process, &id)
                    .await
                    .map_err(|error| error.with_text("id", &id))?,
            ),
            false => None,
        };
        Ok(Receipt { id, slot })
    }

    /// Signs a message without sending it.
    pub async fn sign_message<S>(&self, message: Message<S::Data>, signer: &S) -> Result<SignedItem<S::Item>>
    where
        S: Signer,
        S::Data: From<&'static str>,
    {
        let draft = Draft {
            target: Some(Id::parse(&message.process, "Target")?),
            anchor: message.anchor,
            tags: message_tags(message.tags, message.data.is_none()),
        };
        sign(draft, message.data, signer).await
    }

    /// Sends an item that the caller has verified. Returns its id.
    ///
    /// # Errors
    /// Those of [`message`](Self::message). An item that the network has already is not an error.
    pub async fn send_signed(&self, signed: SignedItem<H::Item>) -> Result<String> {
        let id = signed.id.to_string();
        self.post_item(signed, &id, true).await?;
        Ok(id)
    }

    /// Creates a process from a module. Returns its id.
    ///
    /// # Errors
    /// `NotFound` if the gateway does not have the module, or it is not a module; then those of [`message`](Self::message).
    pub async fn spawn<S>(&self, spawn: Spawn<S::Data>, signer: &S) -> Result<String>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        check_ids(&[&spawn.module, &spawn.scheduler])?;
        self.check_module(&spawn.module).await?;
        let timestamp = spawn.timestamp.unwrap_or_else(|| self.platform.now());
        let draft = Draft {
            target: None,
            anchor: None,
            tags: process_tags(
                spawn.tags,
                spawn.data.is_none(),
                &spawn.module,
                &spawn.scheduler,
                timestamp,
            ),
        };
        let signed = sign(draft, spawn.data, signer).await?;
        let id = signed.id.to_string();
        let answer = self.post_item(signed, &id, false).await?;
        // Some units answer with the id of the process.
        let tree = answer.tree().ok();
        let named = tree.as_ref().and_then(|tree| tree.get("processId")?.text());
        Ok(named.filter(|id| !id.is_empty()).map_or(id, String::from))
    }

    /// Makes the messenger unit run a process's cron messages, or with `on: false`, stop them. Returns the request's id.
    pub async fn monitor<S>(&self, process: &str, signer: &S, on: bool) -> Result<String>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        let draft = Draft {
            target: Some(Id::parse(process, "Target")?),
            ..Draft::default()
        };
        let signed = sign(draft, None, signer).await?;
        let id = signed.id.to_string();
        let url = url::join(&self.units.messenger, &["monitor", process]);
        let method = if on { Method::Post } else { Method::Delete };
        let request = self.to_messenger(method, url.clone(), signed);
        let response = self.platform.send(request).await;
        // Only the status of the response matters.
        response
            .and_then(|response| {
                http::check_redirect(&response, &url, http::contains(&response, &id))?;
                http::check_status(&response, &url)
            })
            .map_err(|error| from_messenger(error, Some(&id)))?;
        Ok(id)
    }

    /// Makes a process evaluate a message that was sent to another process. Returns the assignment's id.
    ///
    /// # Errors
    /// `BadId` for an id in a non-canonical spelling; `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn assign(&self, assign: &Assign) -> Result<String> {
        check_ids(&[&assign.process, &assign.message])?;
        let mut url = url::with_query(
            &self.units.messenger,
            &[("process-id", Some(&assign.process)), ("assign", Some(&assign.message))],
        );
        // The unit expects a flag without a value, and unescaped commas.
        if assign.base_layer {
            url.push_str("&base-layer");
        }
        if let Some(exclude) = assign.exclude.as_ref().filter(|exclude| !exclude.is_empty()) {
            let mut before = "&exclude=";
            for member in exclude {
                url.push_str(before);
                url.push_str(&url::encode(member));
                before = ",";
            }
        }
        let request = Request {
            method: Method::Post,
            headers: SEND_ITEM,
            // A second assignment of the same message gets a slot. Compute units skip it, and some refuse the process while it
            // is the newest.
            repeat: Repeat::IfNotTaken(None),
            ..http::get(url, Some(Unit::Messenger))
        };
        let answer = self
            .to_unit(request, &["\"id\""], LOOK_AT_SCHEDULE, None, false)
            .await?;
        let tree = answer.tree()?;
        tree.get("id")
            .and_then(JsonTree::text)
            .map(String::from)
            .ok_or_else(|| {
                Error::new(
                    crate::ErrorKind::BadResponse,
                    "Invalid Return 'assignmentId': Required. The messenger unit's answer has no id",
                )
                .with_text("body", answer.as_str())
            })
    }

    fn to_messenger(&self, method: Method, url: String, signed: SignedItem<H::Item>) -> Request<H::Item> {
        Request {
            method,
            headers: SEND_ITEM,
            body: Body::Item(signed.raw),
            follow_redirects: true,
            repeat: Repeat::Refused,
            ..http::get(url, Some(Unit::Messenger))
        }
    }

    /// Posts an item. `may_exist`: an item that the network has already counts as sent.
    async fn post_item(&self, signed: SignedItem<H::Item>, id: &str, may_exist: bool) -> Result<Json> {
        let request = self.to_messenger(Method::Post, self.units.messenger.clone(), signed);
        self.to_unit(request, &[id], CHECK_BEFORE_RESENDING, Some(id), may_exist)
            .await
    }

    /// Sends a request that changes something. `advice` is for errors after which it may have arrived.
    async fn to_unit(
        &self,
        request: Request<H::Item>,
        proofs: &[&str],
        advice: &str,
        id: Option<&str>,
        may_exist: bool,
    ) -> Result<Json> {
        let url = request.url.clone();
        let mut outcome = self.platform.send(request).await;
        http::take_duplicate(&mut outcome, may_exist);
        let may_have_arrived = http::may_have_arrived(&outcome);
        http::read_posted(outcome, url, proofs).map_err(|error| {
            let error = match may_have_arrived {
                true => error.advise(advice),
                false => error,
            };
            from_messenger(error, id)
        })
    }
}

async fn sign<S>(draft: Draft, data: Option<S::Data>, signer: &S) -> Result<SignedItem<S::Item>>
where
    S: Signer,
    S::Data: From<&'static str>,
{
    // A wallet shows a dialog. It must not do so for an item that can never be sent.
    draft.check()?;
    signer.sign(draft, data.unwrap_or_else(|| DEFAULT_DATA.into())).await
}

/// Adds the id of the item. It may have arrived although the call failed: with the id, the caller can request the result instead
/// of sending a second message.
fn from_messenger(error: Error, id: Option<&str>) -> Error {
    let error = error.context("Error while communicating with MU");
    match id {
        Some(id) => error.with_text("id", id),
        None => error,
    }
}
