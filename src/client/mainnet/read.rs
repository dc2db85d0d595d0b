//! What a node is asked: results, dryruns, slots and state.

use super::send::NO_DATA;
use super::{Answer, Fields, Mainnet};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::client::url::{self, part};
use crate::error::Result;
use crate::host::{Http, Random};
use crate::protocol::{Form, Json, request_tags};
use crate::signer::Signer;

/// Who reads: anyone, or one whose signature the node shall see.
pub enum Reader<'a, S> {
    Anyone,
    Signed(&'a S),
}

/// Of which moment a process's state is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// After its newest message, which may have to be evaluated first.
    Now,
    /// As far as the node has evaluated it.
    Computed,
    /// After the message in this slot.
    Slot(u64),
}

impl<H: Http + Random> Mainnet<H> {
    /// What `process` answered to the message in `slot`. The answer of the node holds the
    /// [`Evaluation`](crate::protocol::Evaluation) that legacy units give: see [`Evaluation::within`].
    ///
    /// [`Evaluation::within`]: crate::protocol::Evaluation::within
    ///
    /// # Errors
    /// `BadId`; `HttpNetwork`, `HttpStatus`, `BadResponse`.
    pub async fn result<S>(
        &self,
        process: &str,
        slot: &str,
        tags: Vec<Tag>,
        data: Option<S::Data>,
        reader: Reader<'_, S>,
    ) -> Result<Json>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        let path = format!("{process}~process@1.0/compute/results={}", part(slot.as_bytes()));
        let answer = match reader {
            Reader::Anyone => {
                Id::parse(process, "Target")?;
                self.get(&(path + &keys(&tags))).await?
            }
            Reader::Signed(signer) => self.ask(process, &path, tags, data, signer).await?,
        };
        answer.json()
    }

    /// What the process would answer to a message. Nothing is kept.
    ///
    /// # Errors
    /// As for a result.
    pub async fn dryrun<S>(
        &self,
        process: &str,
        tags: &[Tag],
        data: Option<S::Data>,
        reader: Reader<'_, S>,
    ) -> Result<Json>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        let path = format!("{process}~process@1.0/as=execution/compute{}", keys(tags));
        let answer = match reader {
            Reader::Anyone => {
                Id::parse(process, "Target")?;
                self.get(&path).await?
            }
            Reader::Signed(signer) => self.ask(process, &path, vec![], data, signer).await?,
        };
        answer.json()
    }

    /// The slot of the process's newest message.
    ///
    /// # Errors
    /// As for a result.
    pub async fn slot<S>(&self, process: &str, reader: Reader<'_, S>) -> Result<u64>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        Id::parse(process, "Target")?;
        let path = format!("{process}/slot/current");
        let answer = match reader {
            Reader::Anyone => self.get_plain(&path).await?,
            Reader::Signed(signer) => {
                let fields = Fields {
                    target: None,
                    anchor: None,
                    tags: request_tags(vec![], Form::Headers, "Message")?,
                    data: "".into(),
                };
                self.post(&path, fields, signer).await?
            }
        };
        let slot = answer.response.body.trim().parse();
        slot.map_err(|_| answer.lacks("Error getting current process slot: the node's answer is no number"))
    }

    /// A part of a process's state, or what it published with `patch@1.0`, as the node wrote it. `path` is what stands
    /// behind `/now/` or `/compute/`; empty for the whole.
    ///
    /// # Errors
    /// As for a result; `HttpStatus` with 404 when there is nothing under that path.
    pub async fn state(&self, process: &str, path: &str, moment: Moment) -> Result<Json> {
        Id::parse(process, "Target")?;
        let moment = match moment {
            Moment::Now => "now".into(),
            Moment::Computed => "compute".into(),
            Moment::Slot(slot) => format!("compute&slot={slot}"),
        };
        let separator = if path.is_empty() { "" } else { "/" };
        let path = format!("{process}~process@1.0/{moment}{separator}{path}");
        self.get(&path).await?.json()
    }

    async fn ask<S>(
        &self,
        process: &str,
        path: &str,
        tags: Vec<Tag>,
        data: Option<S::Data>,
        signer: &S,
    ) -> Result<Answer>
    where
        S: Signer<Item = H::Item>,
        S::Data: From<&'static str>,
    {
        let fields = Fields {
            target: Some(Id::parse(process, "Target")?),
            anchor: None,
            tags: request_tags(tags, Form::Json, "Message")?,
            data: data.unwrap_or_else(|| NO_DATA.into()),
        };
        self.post(path, fields, signer).await
    }
}

/// A path of keys, whatever characters they have.
pub fn path_of(keys: &[String]) -> String {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    url::join("", &keys).split_off(usize::from(!keys.is_empty()))
}

/// Tags as keys of a request's path.
fn keys(tags: &[Tag]) -> String {
    tags.iter()
        .map(|tag| format!("&{}={}", part(&tag.name), part(&tag.value)))
        .collect()
}
