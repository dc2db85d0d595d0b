//! What a node keeps: processes and messages.

use super::ask::slot_in;
use super::{Fields, Mainnet};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::client::Message;
use crate::error::{Error, ErrorKind, Result};
use crate::host::{Http, Random};
use crate::protocol::{Form, Json, definition_tags, request_tags};
use crate::signer::Signer;

/// What stands in for data that was not given.
pub(super) const NO_DATA: &str = "1984";

/// A process to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Process<D> {
    /// May be left out by a definition that names an `execution-device` of its own.
    pub module: Option<String>,
    /// The node's own, when left out.
    pub scheduler: Option<String>,
    /// The scheduler, when left out.
    pub authority: Option<String>,
    pub data: Option<D>,
    /// Every tag of the definition may be given here, devices included.
    pub tags: Vec<Tag>,
    /// 32 bytes.
    pub anchor: Option<Vec<u8>>,
}

/// What shall become of a message once it has its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It is evaluated, and so is all that comes of it. The answer waits for that.
    Push,
    /// Nothing more.
    Schedule,
}

/// A message that a node accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    pub id: String,
    pub slot: Option<u64>,
    /// What the node says of it; of a pushed one, its [`Evaluation`](crate::protocol::Evaluation) too.
    pub answer: Json,
}

impl<H: Http + Random> Mainnet<H> {
    /// Makes a process. Returns its id.
    ///
    /// # Errors
    /// `BadArgument` without a module, and whatever else is wrong, before anything is sent; `BadResponse` when the node
    /// names no process; then as for a message.
    pub async fn spawn<S>(&self, process: Process<S::Data>, signer: &S) -> Result<String>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        let given = |name: &str| {
            let mut tags = process.tags.iter();
            tags.find(|tag| tag.name.eq_ignore_ascii_case(name.as_bytes()))
        };
        if process.module.is_none() && given("module").is_none() && given("execution-device").is_none() {
            return Err(Error::new(
                ErrorKind::BadArgument,
                "No module provided. Give the id of a module, or a definition with an execution-device of its own",
            ));
        }
        let scheduler = match (process.scheduler, given("scheduler")) {
            (Some(scheduler), _) => scheduler,
            (None, Some(tag)) => String::from_utf8_lossy(&tag.value).into_owned(),
            (None, None) => self.scheduler().await?,
        };
        let authority = process.authority.as_ref().unwrap_or(&scheduler);
        let tags = definition_tags(process.tags, process.module.as_deref(), &scheduler, authority);
        let fields = Fields {
            target: None,
            anchor: process.anchor,
            tags: request_tags(tags, Form::Headers, "Process")?,
            data: process.data.unwrap_or_else(|| NO_DATA.into()),
        };
        let answer = self.post("push", fields, signer).await?;
        match answer.response.header("process") {
            Some(process) => Ok(process.into()),
            None => Err(answer.lacks("Error spawning process: the node's answer names no process")),
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Whatever is wrong with the message or its signing, before anything is sent; then `HttpNetwork`, `HttpStatus` and
    /// `BadResponse`, with the signed item's `id` among the details.
    pub async fn message<S>(&self, message: Message<S::Data>, signer: &S, delivery: Delivery) -> Result<Delivered>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        let fields = Fields {
            target: Some(Id::parse(&message.process, "Target")?),
            anchor: message.anchor,
            tags: request_tags(message.tags, Form::Json, "Message")?,
            data: message.data.unwrap_or_else(|| NO_DATA.into()),
        };
        let step = match delivery {
            Delivery::Push => "push",
            Delivery::Schedule => "schedule",
        };
        let answer = self
            .post(&format!("{}~process@1.0/{step}", message.process), fields, signer)
            .await?;
        let id = answer.id.map(|id| id.to_string()).unwrap_or_default();
        let slot = answer.slot();
        let answer = answer.json()?;
        Ok(Delivered {
            id,
            slot: slot_in(&answer).or(slot),
            answer,
        })
    }

    /// The address of the node's own scheduler.
    pub async fn scheduler(&self) -> Result<String> {
        let answer = self.get_plain("~meta@1.0/info/address").await?;
        let address = answer.response.body.trim();
        match Id::parse(address, "") {
            Ok(_) => Ok(address.into()),
            Err(_) => Err(answer.lacks("No scheduler provided, and the node does not say its own address")),
        }
    }
}
