//! The state that a compute unit serves, as the start of a replay. It is the unit's word: no answer that follows from it is
//! verified.

use super::options::{FollowOptions, Source};
use super::order::Order;
use super::start::{Found, begun, link_of, moment_of};
use crate::arweave::Id;
use crate::client::UnitRead;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, Timers};
use crate::protocol::slot_of;
use crate::verify::{
    Anchor, Chain, Entry, Position, Published, Replay, ReplayState, Schedule, Subject, Trusted, Unverifiable, View,
    check_assignment,
};

impl Found {
    /// Starts with the memory that the compute unit has after the newest slot. Pages cannot read the headers that say which slot
    /// it is of, so the time of the slot's assignment is asked for.
    pub(super) async fn start_at_state<H, D>(
        mut self,
        source: &Source<H, D>,
        options: &FollowOptions,
    ) -> Result<(View, Order)>
    where
        H: Http + Clock + Timers,
        D: Download,
    {
        let Order::Unit(genesis) = self.order else {
            let message = "Nodes do not serve the memory of their processes. Leave `trust.state` out";
            return Err(Error::new(ErrorKind::Unsupported, message));
        };
        if !options.has_unit {
            let message = "`trust.state` needs a compute unit, whose state it is. Give its address as `source.unit`";
            return Err(Error::new(ErrorKind::BadArgument, message));
        }
        let (process, scheduler) = (self.facts.id, genesis.scheduler());
        let entry = newest(source, process, genesis).await?;
        check_assignment(&entry.assignment, &process, &scheduler)?;
        let unit = source.client.compute_unit().trim_end_matches('/');
        let url = format!("{unit}/state/{process}?to={}", entry.assignment.timestamp);
        let memory = source.downloads.download(&url).await?;
        let instance = self
            .module
            .resume_checkpoint(&self.environment, &memory)
            .map_err(|error| match error.kind() {
                ErrorKind::BadSnapshot => {
                    let message = format!(
                        "The unit has no state of slot {} now: {}. Try again later, or start from slot 0",
                        entry.slot,
                        error.message()
                    );
                    Error::new(ErrorKind::BadResponse, message)
                }
                _ => error,
            })?;
        let moment = moment_of(&entry);
        let state = ReplayState {
            last: Some(Position {
                slot: entry.slot,
                assignment: entry.assignment.id,
                chain: entry.assignment.hash_chain.to_string(),
                moment,
            }),
            evaluated: Some(moment),
            origin: Some(self.origin.unwrap_or(moment)),
            published: Published::partial(),
            ..ReplayState::default()
        };
        self.trusted.push(Trusted::Unit(unit.to_owned()));
        let chain = begun(Chain::after(process, scheduler, link_of(&entry)), self.origin);
        let mut view = View::new(
            Replay::resume(instance, self.facts, state)?,
            Anchor::State,
            self.trusted,
        );
        view.add_unverifiable(Unverifiable {
            subject: Subject::State,
            slot: 0,
            count: entry.slot + 1,
        });
        Ok((view, Order::Unit(chain)))
    }
}

/// The newest entry of the schedule, with the anchor of its assignment.
async fn newest<H, D>(source: &Source<H, D>, process: Id, chain: Chain) -> Result<Entry>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let slot = match source.client.read(UnitRead::latest(&process.to_string())).await {
        Ok(latest) => slot_of(&latest.tree()?).and_then(|slot| slot.parse::<i64>().ok()),
        // Schedulers refuse it while the schedule has one entry.
        Err(error) if error.kind() == ErrorKind::HttpStatus => Some(0),
        Err(error) => return Err(error),
    };
    let schedule = Schedule::with(source.gateway(), process, chain).with_limit(1);
    let page = match slot {
        Some(slot) => schedule.fetch(slot - 1).await?,
        None => schedule.fetch(-1).await?,
    };
    page.entries.into_iter().next().ok_or_else(|| {
        let message = format!("The schedule of the process {process} is empty. Start from slot 0");
        Error::new(ErrorKind::NotFound, message)
    })
}
