//! Reads the crons of a process from its tags.

use super::TextTag;

/// A cron of a process: `Cron-Interval`, and the `Cron-Tag-…` tags that follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    pub interval: CronInterval,
    /// The tags of the messages that the cron makes.
    pub tags: Vec<TextTag>,
}

/// The time between two messages of a cron. It is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CronInterval {
    Milliseconds(u64),
    Blocks(u64),
}

impl Cron {
    /// Parses the crons in a process's tags. Crons with an invalid interval are ignored.
    pub fn parse(tags: &[TextTag]) -> Vec<Self> {
        let mut crons: Vec<Option<Self>> = Vec::new();
        for tag in tags {
            if tag.name == "Cron-Interval" {
                crons.push(CronInterval::parse(&tag.value).map(|interval| Self {
                    interval,
                    tags: Vec::new(),
                }));
            } else if let (Some(name), Some(Some(cron))) = (tag.name.strip_prefix("Cron-Tag-"), crons.last_mut()) {
                cron.tags.push(TextTag {
                    name: name.into(),
                    value: tag.value.clone(),
                });
            }
        }
        crons.into_iter().flatten().collect()
    }

    /// The name of the first `Cron-Tag-…` that has no `Cron-Interval` before it. Compute units evaluate no message of a
    /// process with such a tag.
    pub fn stray_tag(tags: &[TextTag]) -> Option<&str> {
        let mut before = tags.iter().take_while(|tag| tag.name != "Cron-Interval");
        let stray = before.find(|tag| tag.name.starts_with("Cron-Tag-"))?;
        Some(&stray.name)
    }
}

impl CronInterval {
    /// Parses `10-seconds`, `1-minute`, `3-blocks`. As in permaweb's units, a month has 30 days and a year 365.
    pub fn parse(text: &str) -> Option<Self> {
        const SECOND: u64 = 1000;
        let (count, unit) = text.split_once('-')?;
        let count: u64 = count.trim().parse().ok().filter(|count| *count > 0)?;
        let unit = unit.to_ascii_lowercase();
        let length = match unit.strip_suffix('s').unwrap_or(&unit) {
            "block" => return Some(Self::Blocks(count)),
            "millisecond" => 1,
            "second" => SECOND,
            "minute" => 60 * SECOND,
            "hour" => 3600 * SECOND,
            "day" => 24 * 3600 * SECOND,
            "week" => 7 * 24 * 3600 * SECOND,
            "month" => 30 * 24 * 3600 * SECOND,
            "year" => 365 * 24 * 3600 * SECOND,
            _ => return None,
        };
        count.checked_mul(length).map(Self::Milliseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(name: &str, value: &str) -> TextTag {
        TextTag {
            name: name.into(),
            value: value.into(),
        }
    }

    #[test]
    fn parse_reads_intervals_as_the_units_do() {
        use CronInterval::{Blocks, Milliseconds};
        for (text, expected) in [
            ("1-second", Some(Milliseconds(1000))),
            ("10-Seconds", Some(Milliseconds(10_000))),
            ("250-milliseconds", Some(Milliseconds(250))),
            ("2-blocks", Some(Blocks(2))),
            ("1-month", Some(Milliseconds(2_592_000_000))),
            ("0-seconds", None),
            ("0-blocks", None),
            ("1-fortnight", None),
            ("second", None),
            ("18446744073709551615-years", None),
        ] {
            assert_eq!(CronInterval::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn parse_gives_each_cron_the_tags_that_follow_it() {
        let tags = [
            tag("Cron-Tag-Stray", "1"),
            tag("Cron-Interval", "1-second"),
            tag("Cron-Tag-Action", "Tick"),
            tag("Cron-Interval", "never"),
            tag("Cron-Tag-Action", "Never"),
            tag("Cron-Interval", "1-hour"),
        ];
        let crons = Cron::parse(&tags);
        assert_eq!(crons.len(), 2);
        assert_eq!(crons[0].tags, [tag("Action", "Tick")]);
        assert!(crons[1].tags.is_empty());
        assert_eq!(Cron::stray_tag(&tags), Some("Cron-Tag-Stray"));
        assert_eq!(Cron::stray_tag(&tags[1..]), None);
    }
}
