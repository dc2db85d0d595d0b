//! The order of a schedule, as far as it is verified: of a scheduler unit, or of a HyperBEAM node.

use serde_json::Value;

use super::old;
use super::options::{ScheduleSource, Source};
use super::watch::SlotReport;
use crate::arweave::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, PlatformCrypto, Timers};
use crate::protocol::JsonTree;
use crate::signer::address;
use crate::verify::{
    AssignedItem, Chain, CheckedEntry, CheckedPage, NodeChain, NodeCheck, NodeEntry, NodeSchedule, ReplayEntry,
    Schedule, SlotResult, Trusted, Unverifiable, VerifiedEntry, node_replay_entry, replay_entry,
};

/// How far a schedule is verified.
#[derive(Clone)]
pub(super) enum Order {
    Unit(Chain),
    Node(NodeChain),
}

/// An entry as its source shows it. Nothing of it is verified.
pub(super) enum Fetched {
    Unit(Box<CheckedEntry>),
    Node(NodeEntry),
}

/// Which pages are requested.
pub(super) struct Request<'a> {
    pub process: Id,
    pub crypto: Option<&'a dyn PlatformCrypto>,
    /// Entries of a page.
    pub limit: u32,
}

/// A page of a schedule.
pub(super) struct Page {
    pub entries: Vec<Fetched>,
    pub has_next: bool,
}

/// An entry that is verified.
pub(super) struct Taken {
    /// What the module receives.
    pub entry: ReplayEntry,
    pub facts: Facts,
    /// Whose word it takes.
    pub trusted: Option<Trusted>,
    /// What of the schedule cannot be verified up to here.
    pub unverifiable: Option<Unverifiable>,
    /// Whether the hash chain of an old process breaks here.
    pub is_broken: bool,
    /// Whether a schedule that begins with this entry begins with a process.
    pub is_process: bool,
}

/// What is told about an entry.
pub(super) struct Facts {
    pub action: Option<String>,
    pub from: Option<String>,
    pub by_gateway: bool,
    pub is_signed: bool,
}

impl Facts {
    /// The report of a result: that of the entry itself, or of a cron that was due before it.
    pub(super) fn report(&self, result: SlotResult) -> SlotReport {
        let is_scheduled = result.slot.is_some();
        SlotReport {
            is_error: is_failed(&result.result),
            action: self.action.clone().filter(|_| is_scheduled),
            from: self.from.clone().filter(|_| is_scheduled),
            by_gateway: self.by_gateway,
            is_signed: self.is_signed,
            result,
        }
    }
}

impl Fetched {
    /// The slot that the entry names.
    pub(super) fn slot(&self) -> u64 {
        match self {
            Self::Unit(entry) => entry.entry().slot,
            Self::Node(entry) => entry.slot,
        }
    }

    /// Whether the message must be read from the gateway.
    pub(super) fn needs_gateway(&self) -> bool {
        matches!(self, Self::Unit(entry) if entry.entry().message.is_none())
    }
}

impl Order {
    pub(super) fn next_slot(&self) -> u64 {
        match self {
            Self::Unit(chain) => chain.next_slot(),
            Self::Node(chain) => chain.next_slot(),
        }
    }

    /// Requests the page behind a slot; -1 is before the first. The platform verifies the signatures of a unit's page, beside
    /// the work of this thread.
    pub(super) async fn fetch<H, D>(&self, source: &Source<H, D>, request: &Request<'_>, after: i64) -> Result<Page>
    where
        H: Http + Clock + Timers,
        D: Download,
    {
        let Request { process, crypto, limit } = *request;
        match (self, &source.schedule) {
            (Self::Unit(chain), _) => {
                let schedule = Schedule::with(source.gateway(), process, chain.clone()).with_limit(limit);
                let page = CheckedPage::check(schedule.fetch(after).await?, crypto).await;
                Ok(Page {
                    entries: page.entries.into_iter().map(Box::new).map(Fetched::Unit).collect(),
                    has_next: page.has_next_page,
                })
            }
            (Self::Node(chain), ScheduleSource::Node(node)) => {
                let schedule = NodeSchedule::with(source.client.platform(), node, process, chain.clone());
                let from = u64::try_from(after.saturating_add(1)).unwrap_or_default();
                let entries = schedule.with_limit(limit).fetch(from).await?;
                Ok(Page {
                    // With an end, nodes do not say whether more follows.
                    has_next: entries.len() >= limit as usize,
                    entries: entries.into_iter().map(Fetched::Node).collect(),
                })
            }
            (Self::Node(_), ScheduleSource::Unit) => Err(Error::new(
                ErrorKind::BadArgument,
                "The view follows the schedule of a HyperBEAM node: its source must name one",
            )),
        }
    }

    /// Verifies the next entry. Returns the order behind it.
    pub(super) async fn verify<H, D>(
        &self,
        source: &Source<H, D>,
        process: Id,
        fetched: Fetched,
    ) -> Result<(Self, Taken)>
    where
        H: Http + Clock + Timers,
        D: Download,
    {
        match (self, fetched) {
            (Self::Unit(chain), Fetched::Unit(entry)) => {
                let mut schedule = Schedule::with(source.gateway(), process, chain.clone());
                let verified = schedule.verify(*entry).await?;
                let taken = taken_of_unit(source, &verified, schedule.chain()).await?;
                Ok((Self::Unit(schedule.chain().clone()), taken))
            }
            (Self::Node(chain), Fetched::Node(entry)) => {
                let mut chain = chain.clone();
                let (message, check) = chain.verify(&entry)?;
                let trusted = match (check, &source.schedule) {
                    (NodeCheck::Signed(signer), _) => Some(Trusted::Scheduler(signer.to_string())),
                    (NodeCheck::Unsigned, ScheduleSource::Node(node)) => Some(Trusted::Node(node.clone())),
                    (NodeCheck::Unsigned, ScheduleSource::Unit) => None,
                };
                let taken = Taken {
                    entry: node_replay_entry(&process, &entry, &message)?,
                    facts: Facts {
                        action: message.tag("Action").map(str::to_owned),
                        from: Some(message.owner()?),
                        by_gateway: false,
                        is_signed: check != NodeCheck::Unsigned,
                    },
                    trusted,
                    unverifiable: chain.unverifiable(),
                    is_broken: false,
                    // Nodes always have the process in slot 0.
                    is_process: true,
                };
                Ok((Self::Node(chain), taken))
            }
            // A page is that of the order that requested it.
            _ => Err(Error::new(ErrorKind::BadArgument, "The page is of another source")),
        }
    }
}

async fn taken_of_unit<H, D>(source: &Source<H, D>, verified: &VerifiedEntry, chain: &Chain) -> Result<Taken>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let VerifiedEntry { entry, item } = verified;
    let mut anchor = String::new();
    let mut trusted = None;
    if entry.message.is_none()
        && let Some(item) = item
    {
        let node = source.gateway().node(&item.id()).await?;
        anchor = node.get("anchor").and_then(JsonTree::text).unwrap_or_default().into();
        trusted = Some(Trusted::Gateway(source.gateway.clone()));
    }
    let assigned = item.as_ref().map(|item| AssignedItem { item, anchor: &anchor });
    let shown = entry.message.as_ref();
    let action = match (shown, item) {
        (Some(message), _) => message.tag("Action"),
        (None, Some(item)) => item.tag("Action"),
        (None, None) => None,
    };
    let key = shown.map(|message| &message.owner_key);
    let key = key.or(item.as_ref().map(|item| &item.owner));
    Ok(Taken {
        entry: replay_entry(entry, assigned)?,
        facts: Facts {
            action: action.map(str::to_owned),
            from: key.map(|key| address::compute_unit(key)),
            by_gateway: item.is_some(),
            is_signed: true,
        },
        trusted,
        unverifiable: None,
        is_broken: chain.broken().last() == Some(&entry.slot),
        is_process: old::is_process(entry),
    })
}

/// Whether a result says that the evaluation failed.
fn is_failed(result: &str) -> bool {
    // Most results have no such member at all.
    result.contains("\"Error\"")
        && serde_json::from_str::<Value>(result)
            .is_ok_and(|result| !matches!(&result["Error"], Value::Null) && result["Error"] != "")
}
