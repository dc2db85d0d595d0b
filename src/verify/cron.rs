//! The messages that a compute unit generates for a process's crons.
//!
//! They have no signature. The times of blocks come from the gateway, unverified. An answer that rests on such messages can be computed, and
//! cannot be verified.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Cron, CronInterval};

/// The most messages of crons between two scheduled messages. A schedule with a timestamp from far in the future would
/// otherwise never end.
pub const MAX_TICKS: u64 = 100_000;

const SECOND: u64 = 1000;

/// A time, and the height of the newest block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// Milliseconds since 1970.
    pub timestamp: u64,
    pub block_height: u64,
}

/// A message of a cron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tick {
    /// Milliseconds since 1970.
    pub timestamp: u64,
    /// Whether the interval is a time. Crons of blocks come first within a second.
    timed: bool,
    /// The index of the cron among those of the process.
    pub cron: usize,
    pub block_height: u64,
}

/// The gap between two scheduled messages.
#[derive(Debug, Clone, Copy)]
pub struct Gap<'a> {
    /// The first message of the process.
    pub origin: Moment,
    /// The scheduled message before the gap.
    pub left: Moment,
    /// The time at which the gap ends: that of the next scheduled message, or of the scheduler's clock.
    pub until: u64,
    /// The blocks of the gap in ascending order, as the gateway dates them.
    pub blocks: &'a [Moment],
}

/// Computes the messages in a gap, in order.
///
/// Times are counted in whole seconds from that of the first message. A message keeps the milliseconds of the scheduled
/// message before the gap.
///
/// # Errors
/// `Unsupported` for more than [`MAX_TICKS`] messages.
pub fn ticks(crons: &[Cron], gap: Gap<'_>) -> Result<Vec<Tick>> {
    let Gap {
        origin, left, until, ..
    } = gap;
    let mut ticks = Vec::new();
    // The seconds after the message before the gap, at which something may be due.
    let seconds = until.saturating_sub(left.timestamp).saturating_sub(1) / SECOND;
    let (first, start) = (origin.timestamp / SECOND, left.timestamp / SECOND);
    for (cron, Cron { interval, .. }) in crons.iter().enumerate() {
        match *interval {
            CronInterval::Milliseconds(interval) => {
                let interval = (interval / SECOND).max(1);
                let passed = start.saturating_sub(first);
                let count = (passed + seconds) / interval - passed / interval;
                check_count(ticks.len() as u64 + count)?;
                ticks.extend((1..=count).map(|number| {
                    let second = (passed / interval + number) * interval - passed;
                    let timestamp = left.timestamp + second * SECOND;
                    Tick {
                        timestamp,
                        timed: true,
                        cron,
                        block_height: height_at(gap, timestamp),
                    }
                }));
            }
            CronInterval::Blocks(interval) => {
                let due = gap.blocks.iter().filter(|block| {
                    block.block_height > left.block_height
                        && block.timestamp < until
                        && block.block_height.saturating_sub(origin.block_height) % interval == 0
                });
                for block in due {
                    check_count(ticks.len() as u64 + 1)?;
                    let second = block.timestamp.saturating_sub(left.timestamp).div_ceil(SECOND);
                    ticks.push(Tick {
                        timestamp: left.timestamp + second * SECOND,
                        timed: false,
                        cron,
                        block_height: block.block_height,
                    });
                }
            }
        }
    }
    ticks.retain(|tick| tick.timestamp < until);
    ticks.sort_unstable();
    Ok(ticks)
}

fn check_count(count: u64) -> Result<()> {
    if count <= MAX_TICKS {
        return Ok(());
    }
    let message = format!(
        "The crons of the process made {count} messages between two scheduled ones, and at most {MAX_TICKS} are evaluated. \
         Start from a newer checkpoint"
    );
    Err(Error::new(ErrorKind::Unsupported, message))
}

/// The height of the newest block at a time.
fn height_at(gap: Gap<'_>, timestamp: u64) -> u64 {
    let known = gap.blocks.partition_point(|block| block.timestamp <= timestamp);
    let newest = known.checked_sub(1).and_then(|at| gap.blocks.get(at));
    newest.map_or(gap.left.block_height, |block| {
        block.block_height.max(gap.left.block_height)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(timestamp: u64, block_height: u64) -> Moment {
        Moment {
            timestamp,
            block_height,
        }
    }

    fn cron(interval: CronInterval) -> Cron {
        Cron {
            interval,
            tags: Vec::new(),
        }
    }

    #[test]
    fn ticks_count_whole_seconds_from_the_origin_and_keep_the_milliseconds_of_the_last_message() {
        let crons = [cron(CronInterval::Milliseconds(10_000)), cron(CronInterval::Blocks(2))];
        let blocks = [at(23_000, 8), at(33_000, 9), at(43_000, 10), at(44_000, 12)];
        let gap = Gap {
            origin: at(3_563, 8),
            left: at(5_718, 8),
            until: 43_718,
            blocks: &blocks,
        };
        let shown: Vec<_> = ticks(&crons, gap)
            .unwrap()
            .iter()
            .map(|tick| (tick.timestamp, tick.cron, tick.block_height))
            .collect();
        assert_eq!(shown, [(13_718, 0, 8), (23_718, 0, 8), (33_718, 0, 9)]);
        let later = Gap { until: 43_719, ..gap };
        // The cron of blocks comes first within a second.
        let last: Vec<_> = ticks(&crons, later).unwrap()[3..]
            .iter()
            .map(|tick| tick.cron)
            .collect();
        assert_eq!(last, [1, 0]);
    }

    #[test]
    fn ticks_of_a_timestamp_from_far_in_the_future_are_refused() {
        let crons = [cron(CronInterval::Milliseconds(1))];
        let gap = Gap {
            origin: at(0, 0),
            left: at(0, 0),
            until: u64::MAX,
            blocks: &[],
        };
        assert_eq!(ticks(&crons, gap).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
