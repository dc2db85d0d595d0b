//! Clocks of processes: messages that nobody sends, at intervals, while somebody monitors the process.

use sha2::{Digest, Sha256};

use crate::ans104::Tag;
use crate::arweave::Id;
use crate::error::Result;
use crate::local::blocks::Blocks;
use crate::local::network::{Event, Network, id_of};
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::{Entry, Kind, Schedule};
use crate::local::store::records as store;

/// A clock of a process: `Cron-Interval`, and the `Cron-Tag-…`s behind it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cron {
    /// As the tag has it.
    pub text: String,
    /// In milliseconds.
    pub interval: u64,
    pub tags: Vec<Tag>,
}

/// The clocks that a process's tags name; those that make no sense are no clocks.
pub(crate) fn read(tags: &[Tag]) -> Vec<Cron> {
    let mut crons: Vec<Option<Cron>> = Vec::new();
    for tag in tags {
        if tag.has_name("Cron-Interval") {
            let text = String::from_utf8_lossy(&tag.value).into_owned();
            crons.push(milliseconds(&text).map(|interval| Cron {
                text,
                interval,
                tags: Vec::new(),
            }));
        } else if let (Some(name), Some(Some(cron))) = (tag.name.strip_prefix(b"Cron-Tag-"), crons.last_mut()) {
            cron.tags.push(Tag::new(name, tag.value.clone()));
        }
    }
    crons.into_iter().flatten().collect()
}

/// `10-seconds`, `1-minute`, `3-blocks`. Months have 30 days and years 365, as the units count.
fn milliseconds(text: &str) -> Option<u64> {
    const SECOND: u64 = 1000;
    let (count, unit) = text.split_once('-')?;
    let unit = unit.to_ascii_lowercase();
    let length = match unit.strip_suffix('s').unwrap_or(&unit) {
        "millisecond" => 1,
        "second" => SECOND,
        "minute" => 60 * SECOND,
        "hour" => 3600 * SECOND,
        "day" => 24 * 3600 * SECOND,
        "week" => 7 * 24 * 3600 * SECOND,
        "month" => 30 * 24 * 3600 * SECOND,
        "year" => 365 * 24 * 3600 * SECOND,
        "block" => Blocks::default().interval,
        _ => return None,
    };
    let count: u64 = count.trim().parse().ok()?;
    count.checked_mul(length).filter(|interval| *interval > 0)
}

/// What a tick has in place of an id.
fn tick_id(process: &Id, cron: usize, timestamp: u64) -> Id {
    let hash = Sha256::new()
        .chain_update(b"tick")
        .chain_update(process.as_bytes())
        .chain_update((cron as u64).to_le_bytes())
        .chain_update(timestamp.to_le_bytes());
    Id::from_bytes(hash.finalize().into())
}

/// The ticks of all clocks that are due in `(since, now]`, in order of time; at most `most`, and how many there would have
/// been.
fn due(schedule: &Schedule, since: u64, now: u64, most: usize) -> (Vec<(u64, usize)>, u64) {
    const SECOND: u64 = 1000;
    let Some(first) = schedule.entries.first() else {
        return (Vec::new(), 0);
    };
    let newest = schedule.newest().and_then(|index| schedule.entries.get(index));
    let newest = newest.unwrap_or(first).timestamp;
    let mut ticks = Vec::new();
    let mut all = 0;
    for (cron, Cron { interval, .. }) in schedule.crons.iter().enumerate() {
        // Compute units count in whole seconds, and keep the milliseconds of the newest message.
        let (born, rest) = match interval % SECOND {
            0 => (first.timestamp / SECOND * SECOND, newest % SECOND),
            _ => (first.timestamp, 0),
        };
        let before = since.saturating_sub(born) / interval;
        let until = now.saturating_sub(born) / interval;
        all += until.saturating_sub(before);
        let times = (before + 1..=until)
            .take(most)
            .map(|count| born + count * interval + rest);
        ticks.extend(times.map(|time| (time, cron)));
    }
    ticks.sort_unstable();
    ticks.truncate(most);
    (ticks, all)
}

impl<H: Platform> Network<H> {
    /// Lets the clocks of monitored processes tick that are due. A network that has slept for long makes up for some
    /// ticks, and leaves the rest out.
    pub(crate) async fn tick(&mut self) -> Result<()> {
        // Read each time: another page may have the same store.
        for name in self.platform.names("monitor/").await? {
            if let Some(process) = id_of(&name) {
                let ticked = self.tick_process(&process, &name).await;
                self.keep_apart(&process, ticked)?;
            }
        }
        Ok(())
    }

    async fn tick_process(&mut self, process: &Id, name: &str) -> Result<()> {
        let now = self.platform.now();
        let since = match store::get(&*self.platform, name).await {
            Ok(None) => return Ok(()),
            Ok(Some(since)) => since.try_into().map_or(now, u64::from_le_bytes),
            // A crash of the machine may damage it. The clocks go on from now.
            Err(error) if store::is_damage(&error) => {
                self.note(Event::new("ticks left out", *process, *process).with_detail(error.message()));
                store::put(&*self.platform, name, &now.to_le_bytes()).await?;
                now
            }
            Err(error) => return Err(error),
        };
        self.sync_schedule(process).await?;
        let Some(schedule) = self.schedules.get(process) else {
            return Ok(());
        };
        let (ticks, all) = due(schedule, since, now, self.options.ticks);
        if all > ticks.len() as u64 {
            let left_out = all - ticks.len() as u64;
            self.note(Event::new("ticks left out", *process, *process).with_detail(format!("{left_out} of {all}")));
        }
        for (time, cron) in &ticks {
            self.schedule_tick(process, *cron, *time).await?;
        }
        match all {
            0 => Ok(()),
            _ => store::put(&*self.platform, name, &now.to_le_bytes()).await,
        }
    }

    async fn schedule_tick(&mut self, process: &Id, cron: usize, time: u64) -> Result<()> {
        let id = tick_id(process, cron, time);
        loop {
            self.sync_schedule(process).await?;
            let Some(schedule) = self.schedules.get(process) else {
                return Ok(());
            };
            if schedule.place(&id).is_some() {
                return Ok(());
            }
            let entry = Entry {
                id,
                timestamp: schedule.next_timestamp(time),
                nonce: schedule.next_nonce().saturating_sub(1),
                kind: Kind::Tick { cron },
                crank: true,
                root: id,
                led: 0,
            };
            if self.append(process, entry).await? {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_as_the_units_do() {
        for (text, expected) in [
            ("1-second", Some(1000)),
            ("10-Seconds", Some(10_000)),
            ("250-milliseconds", Some(250)),
            ("2-blocks", Some(240_000)),
            ("1-month", Some(2_592_000_000)),
            ("0-seconds", None),
            ("1-fortnight", None),
            ("second", None),
            ("18446744073709551615-years", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }

    #[test]
    fn each_clock_has_its_own_tags() {
        let tags = [
            Tag::new("Cron-Tag-Stray", "1"),
            Tag::new("Cron-Interval", "1-second"),
            Tag::new("Cron-Tag-Action", "Tick"),
            Tag::new("Cron-Interval", "never"),
            Tag::new("Cron-Tag-Action", "Never"),
            Tag::new("Cron-Interval", "1-hour"),
        ];
        let crons = read(&tags);
        assert_eq!(crons.len(), 2);
        assert_eq!(crons[0].tags, [Tag::new("Action", "Tick")]);
        assert!(crons[1].tags.is_empty());
    }

    #[test]
    fn ticks_are_bounded() {
        let mut schedule = Schedule::new(Id::of(b"o"), Id::of(b"m"), vec![Tag::new("Cron-Interval", "1-second")]);
        let id = Id::of(b"p");
        schedule.push(Entry {
            id,
            timestamp: 500,
            nonce: 0,
            kind: Kind::Message { chain: id },
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
