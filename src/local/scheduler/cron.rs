//! Reads the crons of a process from its tags.

use crate::ans104::Tag;
use crate::local::blocks::Blocks;

/// A cron of a process: `Cron-Interval`, and the `Cron-Tag-…` tags that follow it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cron {
    /// In milliseconds.
    pub interval: u64,
    /// The tags of the tick's message.
    pub tags: Vec<Tag>,
}

/// Parses the crons in a process's tags. Crons with an invalid interval are ignored.
pub(crate) fn parse(tags: &[Tag]) -> Vec<Cron> {
    let mut crons: Vec<Option<Cron>> = Vec::new();
    for tag in tags {
        if tag.has_name("Cron-Interval") {
            let text = String::from_utf8_lossy(&tag.value);
            crons.push(milliseconds(&text).map(|interval| Cron {
                interval,
                tags: Vec::new(),
            }));
        } else if let (Some(name), Some(Some(cron))) = (tag.name.strip_prefix(b"Cron-Tag-"), crons.last_mut()) {
            cron.tags.push(Tag::new(name, tag.value.clone()));
        }
    }
    crons.into_iter().flatten().collect()
}

/// The name of the first `Cron-Tag-…` that has no `Cron-Interval` before it.
pub(crate) fn stray_tag(tags: &[Tag]) -> Option<String> {
    let mut before = tags.iter().take_while(|tag| !tag.has_name("Cron-Interval"));
    let stray = before.find(|tag| tag.name.starts_with(b"Cron-Tag-"))?;
    Some(String::from_utf8_lossy(&stray.name).into_owned())
}

/// Parses `10-seconds`, `1-minute`, `3-blocks`. As in permaweb's units, a month has 30 days and a year 365.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_reads_intervals_as_the_units_do() {
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
    fn parse_gives_each_cron_the_tags_that_follow_it() {
        let tags = [
            Tag::new("Cron-Tag-Stray", "1"),
            Tag::new("Cron-Interval", "1-second"),
            Tag::new("Cron-Tag-Action", "Tick"),
            Tag::new("Cron-Interval", "never"),
            Tag::new("Cron-Tag-Action", "Never"),
            Tag::new("Cron-Interval", "1-hour"),
        ];
        let crons = parse(&tags);
        assert_eq!(crons.len(), 2);
        assert_eq!(crons[0].tags, [Tag::new("Action", "Tick")]);
        assert!(crons[1].tags.is_empty());
        assert_eq!(stray_tag(&tags).as_deref(), Some("Cron-Tag-Stray"));
        assert_eq!(stray_tag(&tags[1..]), None);
    }
}
