//! The definition of a new process.

use super::payload::{DEFAULT_DATA, ItemFields};
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Form, definition_tags, request_tags};

/// What a new process is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct SpawnParams<D> {
    /// Id of the module. Optional if the tags name a `module` or an `execution-device`.
    pub module: Option<String>,
    /// Address of the scheduler. Default: the `Scheduler` tag, or else the node's own address.
    pub scheduler: Option<String>,
    /// Default: the scheduler.
    pub authority: Option<String>,
    pub data: Option<D>,
    /// Tags of the definition. They may replace every default, devices included.
    pub tags: Vec<Tag>,
    /// 32 bytes.
    pub anchor: Option<Vec<u8>>,
}

impl<D: From<&'static str>> SpawnParams<D> {
    fn tag(&self, name: &str) -> Option<&Tag> {
        let mut tags = self.tags.iter();
        tags.find(|tag| tag.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// The scheduler that the caller names.
    fn named_scheduler(&self) -> Option<String> {
        let tagged = || Some(String::from_utf8_lossy(&self.tag("scheduler")?.value).into_owned());
        self.scheduler
            .clone()
            .or_else(tagged)
            .filter(|address| !address.is_empty())
    }

    /// Checks everything that can be checked without a scheduler.
    ///
    /// # Errors
    /// `BadArgument` without a module or a device; `BadId` for a module or a scheduler in a non-canonical spelling.
    fn check(&self) -> Result<()> {
        for id in [&self.module, &self.scheduler].into_iter().flatten() {
            Id::check_spelling(id, "The id")?;
        }
        if self.module.is_none() && self.tag("module").is_none() && self.tag("execution-device").is_none() {
            return Err(Error::new(
                ErrorKind::BadArgument,
                "No module provided. Give the id of a module, or a definition with its own execution-device",
            ));
        }
        Ok(())
    }

    /// The item that creates the process. `Ok(Err(self))` if it needs the node's address as its scheduler.
    ///
    /// # Errors
    /// `BadArgument`, `BadId`, `BadTags`.
    pub(super) fn into_fields(self) -> Result<std::result::Result<ItemFields<D>, Self>> {
        self.check()?;
        let Some(scheduler) = self.named_scheduler() else {
            return Ok(Err(self));
        };
        let authority = self.authority.as_deref().unwrap_or(&scheduler);
        let tags = definition_tags(&self.tags, self.module.as_deref(), &scheduler, authority);
        Ok(Ok(ItemFields {
            target: None,
            anchor: self.anchor,
            tags: request_tags(tags, Form::Headers, "Process")?,
            data: self.data.unwrap_or_else(|| DEFAULT_DATA.into()),
        }))
    }
}
