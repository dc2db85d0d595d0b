//! The start of a light client: the process, its module, and the state to begin with.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::options::{FollowOptions, Source, StartAt};
use crate::arweave::Id;
use crate::compute::{Engine, Module};
use crate::error::{Error, ErrorKind, Result};
use crate::join::join;
use crate::platform::{Clock, Download, Http, Storage, Timers};
use crate::protocol::{EnvironmentPart, JsonTree, TextTag, environment};
use crate::signer::{address, hexadecimal};
use crate::verify::{
    Anchor, Chain, ChainLink, CheckpointTrust, Entry, ItemParts, KeptViews, MessageCheck, Moment, ProcessFacts, Replay,
    Schedule, Trusted, View, check_message,
};

/// A process before its state is known.
pub(super) struct Found {
    pub facts: ProcessFacts,
    pub scheduler: Id,
    pub environment: String,
    pub module: Module,
    module_id: Id,
    trusted: Vec<Trusted>,
    /// The first entry of the schedule.
    origin: Option<Moment>,
}

/// The process's item, its module, and what they say.
pub(super) async fn find<H, D>(source: &Source<H, D>, engine: &dyn Engine, options: &mut FollowOptions) -> Result<Found>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let (facts, origin) = process(source, options.process).await?;
    let scheduler = match options.scheduler {
        Some(scheduler) => scheduler,
        None => id_in(&facts, "Scheduler")?,
    };
    let module_id = id_in(&facts, "Module")?;
    let mut trusted = vec![Trusted::Scheduler(scheduler.to_string())];
    let (part, bytes) = module(source, &module_id, options, &mut trusted).await?;
    let own = EnvironmentPart {
        id: facts.id.to_string(),
        owner: Some(facts.owner.clone()),
        tags: facts.tags.clone(),
    };
    let format = value_of(&part.tags, "Module-Format").map(str::to_owned);
    Ok(Found {
        environment: environment(&own, &part),
        module: Module::load_within(engine, &bytes, format.as_deref(), options.limits.clone())?,
        facts,
        scheduler,
        module_id,
        trusted,
        origin,
    })
}

/// What the process's own item says: as its schedule shows it in slot 0, or else as the gateway does. Also the time of the
/// first entry.
async fn process<H, D>(source: &Source<H, D>, id: Id) -> Result<(ProcessFacts, Option<Moment>)>
where
    H: Http + Clock + Timers,
    D: Download,
{
    // The chain is not used.
    let schedule = Schedule::with(source.gateway(), id, Chain::from_genesis(id, id)).with_limit(1);
    let first = schedule.fetch(-1).await?.entries.into_iter().next();
    let origin = first.as_ref().map(moment_of);
    if let Some(entry) = &first
        && let Some(message) = &entry.message
        && message.id == id
        && matches!(check_message(entry), Ok(MessageCheck::Verified(_)))
        && message.tag("Type") == Some("Process")
    {
        let facts = ProcessFacts {
            id,
            owner: address::compute_unit(&message.owner_key),
            tags: message.tags.clone(),
        };
        return Ok((facts, origin));
    }
    let is_old = first.is_some_and(|entry| entry.message.is_none_or(|message| message.id != id));
    if is_old {
        let message = format!(
            "The schedule of the process {id} does not begin with its item, as those of old processes. They cannot be followed \
             yet"
        );
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let item = source.gateway().item(&id).await?;
    if item.tag("Type") != Some("Process") {
        let message = format!("The item {id} is not a process. Check the id of the process");
        return Err(Error::new(ErrorKind::VerifyProcess, message));
    }
    Ok((facts_of(id, &item), origin))
}

fn facts_of(id: Id, item: &ItemParts) -> ProcessFacts {
    ProcessFacts {
        id,
        owner: address::compute_unit(&item.owner),
        tags: item.text_tags(),
    }
}

/// The module's part of the environment, and its bytes.
async fn module<H, D>(
    source: &Source<H, D>,
    id: &Id,
    options: &mut FollowOptions,
    trusted: &mut Vec<Trusted>,
) -> Result<(EnvironmentPart, Vec<u8>)>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let gateway = source.gateway();
    let given = options.module.take();
    let bytes = match given {
        Some(bytes) => bytes,
        None => gateway.data(id).await?,
    };
    let Some(pinned) = options.module_sha256 else {
        let item = gateway.module_with(id, bytes).await?;
        let part = EnvironmentPart {
            id: id.to_string(),
            owner: Some(address::compute_unit(&item.owner)),
            tags: item.text_tags(),
        };
        return Ok((part, item.data));
    };
    if <[u8; 32]>::from(Sha256::digest(&bytes)) != pinned {
        let message = format!("The module {id} has another SHA-256 than the one that you pinned. Use another gateway");
        return Err(Error::new(ErrorKind::VerifyModule, message).with_text("id", id.to_string()));
    }
    trusted.push(Trusted::Pinned(hexadecimal(&pinned)));
    // Processes can read the module's tags. A gateway that does not know it has none to believe.
    let node = match gateway.node(id).await {
        Ok(node) => Some(node),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if node.is_some() {
        trusted.push(Trusted::Gateway(source.gateway.clone()));
    }
    let address = node.as_ref().and_then(|node| node.at(&["owner", "address"]));
    let part = EnvironmentPart {
        id: id.to_string(),
        owner: address.and_then(JsonTree::text).map(str::to_owned),
        tags: node
            .as_ref()
            .and_then(|node| node.get("tags"))
            .map(JsonTree::tags)
            .unwrap_or_default(),
    };
    Ok((part, bytes))
}

impl Found {
    /// The state to begin with: the view that the store keeps, or else what the caller says.
    pub(super) async fn start<H, D, S>(
        self,
        source: &Source<H, D>,
        storage: Option<&S>,
        options: &FollowOptions,
    ) -> Result<(View, Chain)>
    where
        H: Http + Clock + Timers,
        D: Download,
        S: Storage,
    {
        let (process, scheduler) = (self.facts.id, self.scheduler);
        if let Some(storage) = storage {
            let kept = KeptViews::new(storage);
            if options.restarts {
                kept.remove(&process).await?;
            }
            if let Some(view) = kept.load(&self.module, &self.environment, self.facts.clone()).await? {
                return continued(view, process, scheduler);
            }
        }
        match &options.start {
            StartAt::View(record) => {
                let view = View::import(&self.module, &self.environment, self.facts, record)?;
                continued(view, process, scheduler)
            }
            StartAt::Genesis => {
                let replay = Replay::start(self.module.instantiate(&self.environment)?, self.facts)?;
                let view = View::new(replay, Anchor::Genesis, self.trusted);
                Ok((view, Chain::from_genesis(process, scheduler)))
            }
            StartAt::Checkpoint(trust) => self.start_at_checkpoint(source, trust, options).await,
        }
    }

    async fn start_at_checkpoint<H, D>(
        mut self,
        source: &Source<H, D>,
        trust: &CheckpointTrust,
        options: &FollowOptions,
    ) -> Result<(View, Chain)>
    where
        H: Http + Clock + Timers,
        D: Download,
    {
        let gateway = source.gateway();
        let limit = usize::try_from(options.limits.memory).unwrap_or(usize::MAX);
        let process = self.facts.id;
        let checkpoint = gateway
            .unhashed_checkpoint(&process, &self.module_id, trust, limit)
            .await?;
        if let Some(limit) = options.checkpoint_age {
            checkpoint.check_age(source.client.platform().now(), limit)?;
        }
        // The entry of the checkpoint's own slot, and those behind it that units may have skipped.
        let after = i64::try_from(checkpoint.slot).unwrap_or(i64::MAX) - 1;
        let schedule = Schedule::with(gateway, process, Chain::from_genesis(process, self.scheduler));
        let schedule = schedule.with_limit(options.page);
        // The platform hashes the memory meanwhile.
        let (checked, read) = join(checkpoint.check_memory(options.crypto.as_deref()), async {
            let page = schedule.fetch(after).await;
            let process = self.module.resume_checkpoint(&self.environment, &checkpoint.memory);
            (page, process)
        })
        .await;
        checked?;
        let (page, process) = read;
        let (entries, process) = (page?.entries, process?);
        let entry = checkpoint.last_entry(&self.scheduler, &entries)?;
        self.trusted.push(match trust {
            CheckpointTrust::Owners(_) => Trusted::CheckpointSigner(checkpoint.signer.to_string()),
            CheckpointTrust::Pinned { .. } => Trusted::Pinned(hexadecimal(&checkpoint.sha256)),
        });
        let state = checkpoint.state(entry, self.origin.unwrap_or_else(|| moment_of(entry)));
        let link = link_of(entry);
        let chain = Chain::after(self.facts.id, self.scheduler, link);
        Ok((
            View::new(
                Replay::resume(process, self.facts, state)?,
                checkpoint.anchor(),
                self.trusted,
            ),
            chain,
        ))
    }
}

/// A view that was kept, with the chain behind its last entry.
fn continued(view: View, process: Id, scheduler: Id) -> Result<(View, Chain)> {
    let Some(last) = &view.replay().state().last else {
        return Ok((view, Chain::from_genesis(process, scheduler)));
    };
    let link = ChainLink {
        slot: last.slot,
        assignment: last.assignment,
        hash_chain: Id::parse(&last.chain, "The hash chain of the kept view")
            .map_err(|error| Error::new(ErrorKind::ViewDamaged, error.message()))?,
    };
    let chain = Chain::after(process, scheduler, link);
    Ok((view, chain))
}

fn link_of(entry: &Entry) -> ChainLink {
    ChainLink {
        slot: entry.slot,
        assignment: entry.assignment.id,
        hash_chain: entry.assignment.hash_chain,
    }
}

pub(super) fn moment_of(entry: &Entry) -> Moment {
    Moment {
        timestamp: entry.assignment.timestamp,
        block_height: entry.assignment.block_height,
    }
}

/// The id in a tag of the process.
fn id_in(facts: &ProcessFacts, name: &str) -> Result<Id> {
    let wrong = |what: &str| {
        let message = format!(
            "The process {} {what} \"{name}\". Check the id of the process",
            facts.id
        );
        Error::new(ErrorKind::VerifyProcess, message)
    };
    let text = value_of(&facts.tags, name).ok_or_else(|| wrong("has no tag"))?;
    Id::parse(text, name).map_err(|_| wrong("has no id in its tag"))
}

fn value_of<'a>(tags: &'a [TextTag], name: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.name == name).map(|tag| &*tag.value)
}

/// Whether a result says that the evaluation failed.
pub(super) fn is_failed(result: &str) -> bool {
    // Most results have no such member at all.
    result.contains("\"Error\"")
        && serde_json::from_str::<Value>(result)
            .is_ok_and(|result| !matches!(&result["Error"], Value::Null) && result["Error"] != "")
}
