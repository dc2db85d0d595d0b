//! What a node keeps: processes and messages.

use super::{Delivered, ItemFields, Mainnet, Payload};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::client::Message;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Http, Random};
use crate::protocol::{Form, definition_tags, request_tags};
use crate::signer::Signer;

/// What stands in for data that was not given.
const NO_DATA: &str = "1984";

/// Where processes are made.
pub const SPAWN: &str = "push";
/// Where a node says who it is.
pub const ADDRESS: &str = "~meta@1.0/info/address";

/// A process to be.
#[derive(Debug, Clone, PartialEq)]
pub struct SpawnParams<D> {
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

impl Delivery {
    /// The path for messages to a process.
    pub fn path(self, process: &str) -> String {
        let step = match self {
            Self::Push => "push",
            Self::Schedule => "schedule",
        };
        format!("{process}~process@1.0/{step}")
    }
}

impl<D: From<&'static str>> SpawnParams<D> {
    fn tag(&self, name: &str) -> Option<&Tag> {
        let mut tags = self.tags.iter();
        tags.find(|tag| tag.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Whether only the node can say who shall order the process's messages.
    pub fn needs_scheduler(&self) -> bool {
        self.scheduler.is_none() && self.tag("scheduler").is_none()
    }

    /// # Errors
    /// `BadArgument` when there is nothing to run; `BadId` for a module or a scheduler in another spelling.
    pub fn check(&self) -> Result<()> {
        for id in [&self.module, &self.scheduler].into_iter().flatten() {
            Id::check_spelling(id, "The id")?;
        }
        if self.module.is_none() && self.tag("module").is_none() && self.tag("execution-device").is_none() {
            return Err(Error::new(
                ErrorKind::BadArgument,
                "No module provided. Give the id of a module, or a definition with an execution-device of its own",
            ));
        }
        Ok(())
    }

    /// The item that makes the process.
    ///
    /// # Errors
    /// `BadArgument` when there is nothing to run or nobody to schedule it; `BadTags`.
    pub fn fields(self) -> Result<ItemFields<D>> {
        self.check()?;
        let tagged = self.tag("scheduler").map(|tag| String::from_utf8_lossy(&tag.value));
        let Some(scheduler) = self.scheduler.as_deref().or(tagged.as_deref()) else {
            return Err(Error::new(
                ErrorKind::BadArgument,
                "No scheduler provided. Give its address",
            ));
        };
        let authority = self.authority.as_deref().unwrap_or(scheduler);
        let tags = definition_tags(&self.tags, self.module.as_deref(), scheduler, authority);
        Ok(ItemFields {
            target: None,
            anchor: self.anchor,
            tags: request_tags(tags, Form::Headers, "Process")?,
            data: self.data.unwrap_or_else(|| NO_DATA.into()),
        })
    }
}

impl<D: From<&'static str>> Message<D> {
    /// The item of this message on HyperBEAM nodes.
    ///
    /// # Errors
    /// `BadId`, `BadTags`.
    pub fn fields(self) -> Result<ItemFields<D>> {
        Ok(ItemFields {
            target: Some(Id::parse(&self.process, "Target")?),
            anchor: self.anchor,
            tags: request_tags(self.tags, Form::Json, "Message")?,
            data: self.data.unwrap_or_else(|| NO_DATA.into()),
        })
    }
}

impl<H: Http + Random> Mainnet<H> {
    /// Makes a process. Returns its id.
    ///
    /// # Errors
    /// `BadArgument` without a module, and whatever else is wrong, before anything is sent; `BadResponse` when the node
    /// names no process; then as for a message.
    pub async fn spawn<S>(&self, mut process: SpawnParams<S::Data>, signer: &S) -> Result<String>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        process.check()?;
        if process.needs_scheduler() {
            let answer = self.ask::<S>(ADDRESS, Payload::Plain).await?;
            process.scheduler = Some(answer.address()?);
        }
        self.ask(SPAWN, Payload::Item(process.fields()?, signer))
            .await?
            .process()
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
        let path = delivery.path(&message.process);
        self.ask(&path, Payload::Item(message.fields()?, signer))
            .await?
            .delivered()
    }
}
