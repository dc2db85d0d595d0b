//! What a HyperBEAM node has beside the schedule: the process, items, and results to compare with.

use serde_json::Value;

use super::options::{ScheduleSource, Source};
use crate::ans104::DataItem;
use crate::arweave::Id;
use crate::client::mainnet::slot_result;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, Timers};
use crate::protocol::{Cron, TextTag};
use crate::verify::{ItemParts, NodeChain, NodeSchedule, ProcessFacts};

/// The devices of processes that can be evaluated.
const PROCESS_DEVICE: &str = "process@1.0";
const EXECUTION_DEVICE: &str = "genesis-wasm@1.0";

/// What the process's own item says, which slot 0 of its schedule has. `genesis` is the chain before it.
///
/// # Errors
/// `NotFound` where the schedule is empty; `VerifyProcess`, and those of a message that is not signed; `UnsupportedDevice` for a
/// process that is no WebAssembly module; `Unsupported` for one with crons.
pub(super) async fn process<H: Http>(platform: &H, node: &str, genesis: &NodeChain) -> Result<ProcessFacts> {
    let id = genesis.process();
    let schedule = NodeSchedule::from_genesis(platform, node, id).with_limit(1);
    let Some(entry) = schedule.fetch(0).await?.into_iter().next() else {
        let message =
            format!("The node has no schedule of the process {id}. Check the id of the process, and use its node");
        return Err(Error::new(ErrorKind::NotFound, message));
    };
    let (process, _) = genesis.clone().verify(&entry)?;
    let tag = |name: &str| process.tag(name);
    if tag("Type") != Some("Process") {
        let message = format!("The item {id} is not a process. Check the id of the process");
        return Err(Error::new(ErrorKind::VerifyProcess, message));
    }
    for (name, known) in [("device", PROCESS_DEVICE), ("execution-device", EXECUTION_DEVICE)] {
        let device = tag(name).unwrap_or(known);
        if device != known {
            let message = format!(
                "The process {id} runs on the device \"{device:.64}\" (its tag \"{name}\"). This version evaluates \"{known}\" \
                 only. Take the node's answers, without verifying them"
            );
            return Err(Error::new(ErrorKind::UnsupportedDevice, message).with_text("device", device));
        }
    }
    let facts = ProcessFacts {
        id,
        owner: process.owner()?,
        tags: process.passed_tags(),
    };
    if !Cron::parse(&facts.tags).is_empty() {
        let message = format!(
            "The process {id} has crons, which nodes evaluate in their own ways. Follow it from a scheduler unit"
        );
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(facts)
}

/// The value of the first tag with this name, in any case.
pub(super) fn tag_in_any_case<'a>(tags: &'a [TextTag], name: &str) -> Option<&'a str> {
    let mut tags = tags.iter();
    tags.find(|tag| tag.name.eq_ignore_ascii_case(name))
        .map(|tag| &*tag.value)
}

/// An item that the node itself has, with its signature verified. `None` where the node has another one, or none.
///
/// # Errors
/// `Timeout`, as the signal's reason.
pub(super) async fn item<H, D>(source: &Source<H, D>, id: &Id) -> Result<Option<ItemParts>>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let ScheduleSource::Node(node) = &source.schedule else {
        return Ok(None);
    };
    let node = node.trim_end_matches('/');
    let url = format!("{node}/{id}?require-codec=ans104@1.0");
    let bytes = match source.downloads.download(&url).await {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::Timeout => return Err(error),
        // The gateway may have it.
        Err(_) => return Ok(None),
    };
    // For an id that is no item's, nodes answer with an item of their own.
    let item = DataItem::parse(bytes).ok();
    let item = item.filter(|item| item.id() == *id && item.verify(false).valid);
    Ok(item.as_ref().map(ItemParts::from))
}

/// The result that the node returns for a slot, as a compute unit writes it.
///
/// # Errors
/// `HttpNetwork`, `HttpStatus`, `BadResponse`.
pub(super) async fn result<H: Http>(platform: &H, node: &str, process: Id, slot: u64) -> Result<String> {
    let answer: Value = slot_result(platform, node, &process, slot).await?.parse()?;
    let places = [&answer["body"]["results"], &answer["body"], &answer["results"], &answer];
    let found = places.into_iter().find_map(|place| {
        let json = &place["json"]["body"];
        let raw = &place["raw"];
        match (json, raw) {
            (Value::String(text), _) | (_, Value::String(text)) => Some(text.clone()),
            (_, Value::Object(_)) => Some(raw.to_string()),
            _ => place["Messages"].is_array().then(|| place.to_string()),
        }
    });
    found.ok_or_else(|| {
        let message = format!("The node's answer has no result of slot {slot} as a compute unit writes it");
        Error::new(ErrorKind::BadResponse, message)
    })
}
