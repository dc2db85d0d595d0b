//! The start of a light client: the process, its module, and the state to begin with.

use super::options::{FollowOptions, ScheduleSource, Source, StartAt};
use super::order::Order;
use super::{module, node, old};
use crate::arweave::Id;
use crate::compute::{Engine, Format, Module};
use crate::error::{Error, ErrorKind, Result};
use crate::join::{join, join_unless_failed};
use crate::platform::{Clock, Download, Http, Storage, Timers};
use crate::protocol::{EnvironmentPart, ProcessInput, environment};
use crate::signer::{address, hexadecimal};
use crate::verify::{
    Anchor, Chain, ChainLink, Checkpoint, CheckpointTrust, Entry, ItemParts, KeptViews, MessageCheck, Moment,
    NodeChain, ProcessFacts, Replay, Schedule, Trusted, View, check_message,
};

/// A process before its state is known.
pub(super) struct Found {
    pub(super) facts: ProcessFacts,
    /// Before slot 0.
    pub(super) order: Order,
    pub(super) environment: String,
    pub(super) module: Module,
    pub(super) module_id: Id,
    pub(super) trusted: Vec<Trusted>,
    /// The first entry of the schedule.
    pub(super) origin: Option<Moment>,
}

/// The view to begin with, and the order behind its last entry. A checkpoint is read while the process and its module are found.
pub(super) async fn open<H, D, S>(
    source: &Source<H, D>,
    engine: &dyn Engine,
    storage: Option<&S>,
    options: &FollowOptions,
    module: Option<Vec<u8>>,
) -> Result<(View, Order)>
where
    H: Http + Clock + Timers,
    D: Download,
    S: Storage,
{
    let early = async {
        match (&options.start, &source.schedule) {
            (StartAt::Checkpoint(trust), ScheduleSource::Unit) if !is_kept(storage, options).await? => {
                checkpoint(source, trust, options).await.map(Some)
            }
            _ => Ok(None),
        }
    };
    let (early, found) = join_unless_failed(early, find(source, engine, options, module)).await?;
    found.start(source, storage, options, early).await
}

/// Whether a view is kept that will be used.
async fn is_kept<S: Storage>(storage: Option<&S>, options: &FollowOptions) -> Result<bool> {
    match storage {
        Some(storage) if !options.restarts => KeptViews::new(storage).has(&options.process).await,
        _ => Ok(false),
    }
}

/// The checkpoint that is trusted. Its module and its memory are not compared yet.
async fn checkpoint<H, D>(source: &Source<H, D>, trust: &CheckpointTrust, options: &FollowOptions) -> Result<Checkpoint>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let limit = usize::try_from(options.limits.memory).unwrap_or(usize::MAX);
    let gateway = source.gateway();
    gateway.unhashed_checkpoint(&options.process, trust, limit).await
}

/// The process's item, its module, and what they say. `given` are the module's bytes, where they are at hand.
async fn find<H, D>(
    source: &Source<H, D>,
    engine: &dyn Engine,
    options: &FollowOptions,
    given: Option<Vec<u8>>,
) -> Result<Found>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let mut trusted = Vec::new();
    let (facts, order, origin) = match &source.schedule {
        ScheduleSource::Unit => {
            let (facts, origin) = process(source, options.process).await?;
            let scheduler = match options.scheduler {
                Some(scheduler) => scheduler,
                None => id_in(&facts, "Scheduler")?,
            };
            trusted.push(Trusted::Scheduler(scheduler.to_string()));
            (
                facts,
                Order::Unit(Chain::from_genesis(options.process, scheduler)),
                origin,
            )
        }
        ScheduleSource::Node(address) => {
            let schedulers = options.scheduler.into_iter().collect();
            let chain = NodeChain::from_genesis(options.process).with_schedulers(schedulers);
            let facts = node::process(source.client.platform(), address, &chain).await?;
            (facts, Order::Node(chain), None)
        }
    };
    let module_id = id_in(&facts, "Module")?;
    let (part, bytes) = module::find(source, &module_id, options, given, &mut trusted).await?;
    let own = EnvironmentPart {
        id: facts.id.to_string(),
        owner: Some(facts.owner.clone()),
        tags: facts.tags.clone(),
    };
    let mut tags = part.tags.iter();
    let format = tags.find(|tag| tag.name == "Module-Format");
    // Local networks also name formats that compute units do not have.
    let unnamed = [Format::Plain, Format::Wasi].map(Format::name);
    let format = format.map(|tag| tag.value.clone());
    let format = format.filter(|name| !unnamed.contains(&&**name));
    Ok(Found {
        environment: environment(&own, &part),
        module: Module::load_within(engine, &bytes, format.as_deref(), options.limits.clone())?,
        facts,
        order,
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
    let item = source.gateway().item(&id).await?;
    // Crons of an old process count from its own item.
    let origin = match first.is_some_and(|entry| !old::is_process(&entry)) {
        true => {
            let ProcessInput {
                timestamp,
                block_height,
                ..
            } = old::process_input(source, id).await?;
            Some(Moment {
                timestamp,
                block_height,
            })
        }
        false => origin,
    };
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

impl Found {
    /// The state to begin with: the view that the store keeps, or else what the caller says. `early` is the checkpoint, if it
    /// was read already.
    async fn start<H, D, S>(
        self,
        source: &Source<H, D>,
        storage: Option<&S>,
        options: &FollowOptions,
        early: Result<Option<Checkpoint>>,
    ) -> Result<(View, Order)>
    where
        H: Http + Clock + Timers,
        D: Download,
        S: Storage,
    {
        let process = self.facts.id;
        if let Some(storage) = storage {
            let kept = KeptViews::new(storage);
            if options.restarts {
                kept.remove(&process).await?;
            }
            if let Some(view) = kept.load(&self.module, &self.environment, self.facts.clone()).await? {
                return continued(view, self.order);
            }
        }
        match &options.start {
            StartAt::View(record) => {
                let view = View::import(&self.module, &self.environment, self.facts, record)?;
                continued(view, self.order)
            }
            StartAt::Genesis => {
                let replay = Replay::start(self.module.instantiate(&self.environment)?, self.facts)?;
                let view = View::new(replay, Anchor::Genesis, self.trusted);
                Ok((view, self.order))
            }
            StartAt::State => self.start_at_state(source, options).await,
            StartAt::Checkpoint(trust) => self.start_at_checkpoint(source, trust, early?, options).await,
        }
    }

    async fn start_at_checkpoint<H, D>(
        mut self,
        source: &Source<H, D>,
        trust: &CheckpointTrust,
        early: Option<Checkpoint>,
        options: &FollowOptions,
    ) -> Result<(View, Order)>
    where
        H: Http + Clock + Timers,
        D: Download,
    {
        let Order::Unit(genesis) = self.order else {
            let message =
                "No node takes checkpoints of its processes. Leave the checkpoint out: the replay begins at slot 0";
            return Err(Error::new(ErrorKind::Unsupported, message));
        };
        let checkpoint = match early {
            Some(checkpoint) => checkpoint,
            None => checkpoint(source, trust, options).await?,
        };
        checkpoint.check_module(&self.module_id)?;
        let gateway = source.gateway();
        let (process, scheduler) = (self.facts.id, genesis.scheduler());
        if let Some(limit) = options.checkpoint_age {
            checkpoint.check_age(source.client.platform().now(), limit)?;
        }
        // The entry of the checkpoint's own slot, and those behind it that units may have skipped.
        let after = i64::try_from(checkpoint.slot).unwrap_or(i64::MAX) - 1;
        let schedule = Schedule::with(gateway, process, genesis).with_limit(options.page);
        // The platform hashes the memory meanwhile.
        let (checked, read) = join(checkpoint.check_memory(options.crypto.as_deref()), async {
            let page = schedule.fetch(after).await;
            let instance = self.module.resume_checkpoint(&self.environment, &checkpoint.memory);
            (page, instance)
        })
        .await;
        checked?;
        let (page, instance) = read;
        let (entries, instance) = (page?.entries, instance?);
        let entry = checkpoint.last_entry(&scheduler, &entries)?;
        self.trusted.push(match trust {
            CheckpointTrust::Owners(_) => Trusted::CheckpointSigner(checkpoint.signer.to_string()),
            CheckpointTrust::Pinned { .. } => Trusted::Pinned(hexadecimal(&checkpoint.sha256)),
        });
        let state = checkpoint.state(entry, self.origin.unwrap_or_else(|| moment_of(entry)));
        // The scheduler's word about the first entry is not verified here. A lie refuses a chain, or lists its breaks.
        let chain = begun(Chain::after(process, scheduler, link_of(entry)), self.origin);
        let replay = Replay::resume(instance, self.facts, state)?;
        let view = View::new(replay, checkpoint.anchor(), self.trusted);
        Ok((view, Order::Unit(chain)))
    }
}

/// A view that was kept, with the order behind its last entry. `genesis` is the order before slot 0.
fn continued(view: View, genesis: Order) -> Result<(View, Order)> {
    let state = view.replay().state();
    let Some(last) = &state.last else {
        return Ok((view, genesis));
    };
    let order = match (&genesis, &state.node_chain) {
        (Order::Unit(chain), None) => {
            let link = ChainLink {
                slot: last.slot,
                assignment: last.assignment,
                hash_chain: Id::parse(&last.chain, "The hash chain of the kept view")
                    .map_err(|error| Error::new(ErrorKind::ViewDamaged, error.message()))?,
            };
            let chain = Chain::after(view.replay().facts().id, chain.scheduler(), link);
            Order::Unit(begun(chain, state.origin))
        }
        (Order::Node(own), Some(chain)) => match own.schedulers() {
            [] => Order::Node(chain.clone()),
            named => Order::Node(chain.clone().with_schedulers(named.to_vec())),
        },
        _ => {
            let message = "The kept view was computed from another kind of schedule: that of a scheduler unit, or that of a \
                           HyperBEAM node. Use the same source, or delete the view and start again";
            return Err(Error::new(ErrorKind::ViewDamaged, message));
        }
    };
    Ok((view, order))
}

/// The chain of a process whose first message was at `origin`.
pub(super) fn begun(chain: Chain, origin: Option<Moment>) -> Chain {
    match origin {
        Some(origin) => chain.begun_at(origin.block_height),
        None => chain,
    }
}

pub(super) fn link_of(entry: &Entry) -> ChainLink {
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

/// The id in a tag of the process. Processes of nodes can have its name in lower case.
fn id_in(facts: &ProcessFacts, name: &str) -> Result<Id> {
    let wrong = |what: &str| {
        let message = format!(
            "The process {} {what} \"{name}\". Check the id of the process",
            facts.id
        );
        Error::new(ErrorKind::VerifyProcess, message)
    };
    let exact = facts.tags.iter().find(|tag| tag.name == name).map(|tag| &*tag.value);
    let text = exact.or_else(|| node::tag_in_any_case(&facts.tags, name));
    let text = text.ok_or_else(|| wrong("has no tag"))?;
    Id::parse(text, name).map_err(|_| wrong("has no id in its tag"))
}
