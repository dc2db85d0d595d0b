//! Cron ticks: messages without a sender, at intervals, while a process is monitored.

use sha2::{Digest, Sha256};

use super::schedule::{Entry, EntryKind, Schedule};
use super::unit::Scheduler;
use crate::arweave::Id;
use crate::error::Result;
use crate::local::blocks::Blocks;
use crate::local::event::Event;
use crate::local::platform::Platform;
use crate::local::store::{names, records};
use crate::protocol::{Cron, CronInterval};

/// Adds the ticks that are due to the schedules of all monitored processes. After a long pause, some of the missed ticks are
/// added, and an event contains how many were left out.
pub(crate) async fn schedule_due_ticks<P: Platform>(scheduler: &mut Scheduler<P>) -> Result<()> {
    // The list is read each time, since another page may use the same store.
    for name in scheduler.context().platform.names(names::MONITORS).await? {
        if let Some(process) = names::id_in(&name) {
            let outcome = schedule_ticks(scheduler, &process, &name).await;
            scheduler.isolate(&process, outcome)?;
        }
    }
    Ok(())
}

async fn schedule_ticks<P: Platform>(scheduler: &mut Scheduler<P>, process: &Id, name: &str) -> Result<()> {
    let context = scheduler.context();
    let now = context.platform.now();
    let since = match records::get(&context.platform, name).await {
        Ok(None) => return Ok(()),
        Ok(Some(since)) => since.try_into().map_or(now, u64::from_le_bytes),
        // A crash of the machine may damage this record. The crons continue from now.
        Err(error) if records::is_damage(&error) => {
            context.note(Event::new("ticks left out", *process, *process).with_detail(error.message()));
            records::put(&context.platform, name, &now.to_le_bytes()).await?;
            now
        }
        Err(error) => return Err(error),
    };
    scheduler.sync_schedule(process).await?;
    let Some(schedule) = scheduler.schedule(process) else {
        return Ok(());
    };
    let (ticks, all) = due(schedule, since, now, context.options.ticks);
    if all > ticks.len() as u64 {
        let left_out = all - ticks.len() as u64;
        let event = Event::new("ticks left out", *process, *process);
        context.note(event.with_detail(format!("{left_out} of {all}")));
    }
    for (time, cron) in &ticks {
        schedule_tick(scheduler, process, *cron, *time).await?;
    }
    match all {
        0 => Ok(()),
        _ => records::put(&context.platform, name, &now.to_le_bytes()).await,
    }
}

async fn schedule_tick<P: Platform>(scheduler: &mut Scheduler<P>, process: &Id, cron: usize, time: u64) -> Result<()> {
    let id = tick_id(process, cron, time);
    // Repeats when another page has taken the place in the schedule.
    loop {
        scheduler.sync_schedule(process).await?;
        let Some(schedule) = scheduler.schedule(process) else {
            return Ok(());
        };
        if schedule.first_of(&id).is_some() {
            return Ok(());
        }
        let entry = Entry {
            id,
            timestamp: schedule.next_timestamp(time),
            nonce: schedule.next_nonce().saturating_sub(1),
            kind: EntryKind::Tick { cron },
            crank: true,
            root: id,
            led: 0,
        };
        if scheduler.append(process, entry).await? {
            return Ok(());
        }
    }
}

/// The artificial id of a tick.
fn tick_id(process: &Id, cron: usize, timestamp: u64) -> Id {
    let hash = Sha256::new()
        .chain_update(b"tick")
        .chain_update(process.as_bytes())
        .chain_update((cron as u64).to_le_bytes())
        .chain_update(timestamp.to_le_bytes());
    Id::from_bytes(hash.finalize().into())
}

/// Computes the ticks of all crons in `(since, now]`, by time, as time and index of the cron. Returns the first `max` of
/// them, and how many there are.
fn due(schedule: &Schedule, since: u64, now: u64, max: usize) -> (Vec<(u64, usize)>, u64) {
    const SECOND: u64 = 1000;
    let Some(first) = schedule.entries().first() else {
        return (Vec::new(), 0);
    };
    let newest = schedule.newest().and_then(|index| schedule.entries().get(index));
    let newest = newest.unwrap_or(first).timestamp;
    let mut ticks = Vec::new();
    let mut all = 0;
    for (cron, Cron { interval, .. }) in schedule.crons.iter().enumerate() {
        let interval = match *interval {
            CronInterval::Milliseconds(interval) => interval,
            CronInterval::Blocks(count) => count.saturating_mul(Blocks::default().interval),
        };
        // Compute units count whole seconds, and keep the milliseconds of the newest message.
        let (start, rest) = match interval % SECOND {
            0 => (first.timestamp / SECOND * SECOND, newest % SECOND),
            _ => (first.timestamp, 0),
        };
        let before = since.saturating_sub(start) / interval;
        let until = now.saturating_sub(start) / interval;
        all += until.saturating_sub(before);
        let times = (before + 1..=until)
            .take(max)
            .map(|count| start + count * interval + rest);
        ticks.extend(times.map(|time| (time, cron)));
    }
    ticks.sort_unstable();
    ticks.truncate(max);
    (ticks, all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ans104::Tag;

    #[test]
    fn due_returns_at_most_the_maximum_and_the_count_of_all() {
        let mut schedule = Schedule::new("o".into(), Id::of(b"m"), vec![Tag::new("Cron-Interval", "1-second")]);
        let id = Id::of(b"p");
        schedule.push(Entry {
            id,
            timestamp: 500,
            nonce: 0,
            kind: EntryKind::Message { chain: id },
            crank: false,
            root: id,
            led: 0,
        });
        assert_eq!(due(&schedule, 500, 999, 10), (vec![], 0));
        assert_eq!(due(&schedule, 500, 2500, 10), (vec![(1500, 0), (2500, 0)], 2));
        let (ticks, all) = due(&schedule, 500, u64::MAX, 3);
        assert_eq!(ticks, [(1500, 0), (2500, 0), (3500, 0)]);
        assert!(all > 1 << 53);
    }
}
