//! Verifies what is sent to the network, and schedules it.

use super::compute_unit::Modules;
use super::context::NetworkContext;
use super::http::{HttpError, HttpResult};
use super::path_and_query;
use super::platform::Platform;
use super::scheduler::{Arrival, ScheduleOptions, Scheduler};
use super::store::items::{self, StoredItem};
use super::tags;
use crate::ans104::{DataDigest, DataItem, Tag};
use crate::arweave::{Id, to_base64url};
use crate::error::ErrorKind;
use crate::protocol::PROTOCOL;
use crate::signer::ItemSignature;

/// A message or process that was scheduled at a HyperBEAM node.
pub(crate) struct AcceptedMessage {
    pub process: Id,
    pub index: usize,
    pub is_spawn: bool,
}

/// Parses and verifies a signed data item.
///
/// # Errors
/// 400 when it is malformed or its signature is not valid.
pub(crate) async fn verify_item(platform: &impl Platform, body: &[u8]) -> HttpResult<DataItem> {
    if body.is_empty() {
        return Err(HttpError::bad_request("The body is empty. Send a signed data item"));
    }
    let item = DataItem::parse(body.to_vec())?;
    let head = item.head();
    let hash = head.deep_hash(DataDigest::of(item.data()));
    let check = platform.verify(ItemSignature::of(head, &hash)).await?;
    let verification = check.verification(item.problems(), true);
    if verification.valid {
        return Ok(item);
    }
    let problems: Vec<String> = verification.problems.iter().map(ToString::to_string).collect();
    let message = format!("The data item {} is not valid: {}", item.id(), problems.join("; "));
    Err(HttpError::new(400, ErrorKind::BadSignature, message))
}

/// Schedules a verified message or process. Returns the process and the index of the entry.
pub(crate) async fn accept<P: Platform>(
    scheduler: &mut Scheduler<P>,
    modules: &Modules<P>,
    item: &DataItem,
    crank: bool,
) -> HttpResult<(Id, usize)> {
    let tags = item.head().tags();
    let id = item.id();
    if !tags::contain(tags, "Data-Protocol", PROTOCOL) {
        let message = "The item has no tag Data-Protocol with the value \"ao\". Add it";
        return Err(HttpError::bad_request(message));
    }
    let mut options = ScheduleOptions::in_cascade(id);
    options.crank = crank;
    if tags::contain(tags, "Type", "Process") {
        check_process(modules, tags).await?;
        let index = scheduler.schedule_item(&id, item, options).await?;
        return Ok((id, index));
    }
    if !tags::contain(tags, "Type", "Message") {
        let message = "The item's tag Type is neither \"Message\" nor \"Process\". Set it to one of them";
        return Err(HttpError::bad_request(message));
    }
    if item.head().target().is_empty() {
        return Err(HttpError::bad_request("The message has no target. Set it to a process"));
    }
    let process = scheduler.require_process(&to_base64url(item.head().target())).await?;
    let index = scheduler.schedule_item(&process, item, options).await?;
    Ok((process, index))
}

/// Schedules a verified message or process as a HyperBEAM node does: with fewer checks, and with a new slot each time.
///
/// `process` is the process in the path. The message's own target takes precedence. `original` has the signed headers and
/// body of a signed HTTP message.
pub(crate) async fn accept_at_node<P: Platform>(
    scheduler: &mut Scheduler<P>,
    modules: &Modules<P>,
    item: &DataItem,
    original: Option<Vec<u8>>,
    process: Option<&Id>,
    crank: bool,
) -> HttpResult<AcceptedMessage> {
    let (tags, id) = (item.head().tags(), item.id());
    let options = ScheduleOptions {
        crank,
        root: id,
        arrival: Arrival::SentAgain,
        original,
    };
    let target = item.head().target();
    let is_spawn = tags::value_any_case(tags, "Type") == Some("Process");
    if is_spawn || (target.is_empty() && process.is_none()) {
        if tags::value_any_case(tags, "device").is_none() {
            let message = "The process has no tag device, which tells the node how to handle the message. Add device: \
                           process@1.0";
            return Err(HttpError::missing(message));
        }
        let required = ["Module", "Scheduler"].into_iter();
        let required: Vec<Tag> = required
            .filter_map(|name| Some(Tag::new(name, tags::value_any_case(tags, name)?)))
            .collect();
        check_process(modules, &required).await?;
        return Ok(AcceptedMessage {
            process: id,
            index: scheduler.schedule_item(&id, item, options).await?,
            is_spawn,
        });
    }
    let process = match (target, process) {
        ([], Some(process)) => process.to_string(),
        (target, _) => to_base64url(target),
    };
    let process = scheduler.require_process(&process).await?;
    Ok(AcceptedMessage {
        process,
        index: scheduler.schedule_item(&process, item, options).await?,
        is_spawn: false,
    })
}

/// Whether an item has a slot already.
pub(crate) async fn is_scheduled<P: Platform>(scheduler: &mut Scheduler<P>, item: &DataItem) -> HttpResult<bool> {
    let id = item.id();
    let process = match tags::contain(item.head().tags(), "Type", "Process") {
        true => id,
        false => match Id::parse(&to_base64url(item.head().target()), "target") {
            Ok(target) => target,
            Err(_) => return Ok(false),
        },
    };
    let exists = scheduler.find_process(&process).await?;
    let schedule = scheduler.schedule(&process).filter(|_| exists);
    Ok(schedule.is_some_and(|schedule| schedule.first_of(&id).is_some()))
}

/// Checks that these tags name a scheduler, and a module that the network has.
pub(crate) async fn check_process<P: Platform>(modules: &Modules<P>, tags: &[Tag]) -> HttpResult<()> {
    for name in ["Module", "Scheduler"] {
        if tags::value(tags, name).is_none() {
            return Err(HttpError::bad_request(format!("The process has no tag {name}. Add it")));
        }
    }
    let module = path_and_query::id(tags::value(tags, "Module").unwrap_or_default(), "The tag Module")?;
    if modules.has(&module).await? {
        return Ok(());
    }
    Err(HttpError::missing(format!(
        "There is no module {module} in this network. Add it, or upload it as a data item"
    )))
}

/// Reads an item that the network must have.
pub(crate) async fn require_item<P: Platform>(context: &NetworkContext<P>, id: &Id) -> HttpResult<StoredItem> {
    let stored = items::get(&context.platform, id).await?;
    stored.ok_or_else(|| HttpError::missing(format!("There is no item {id} in this network")))
}
