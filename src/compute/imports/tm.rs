//! C's `struct tm` in UTC, and conversions to and from seconds since 1970.
//!
//! `struct tm` is nine `int`s (seconds, minutes, hours, day, month, year less 1900, weekday, day of the year, daylight
//! saving), then the time zone's offset as a `long` and a pointer to its name.

use super::host_function::write;
use crate::compute::engine::Guest;
use crate::compute::trap::Trap;

const DAY: i64 = 86_400;
/// The most seconds from 1970 for which JavaScript's `Date`, which emscripten's loader uses, has a date.
const FURTHEST: i64 = 8_640_000_000_000;

/// The first eight members of `struct tm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tm {
    pub second: i32,
    pub minute: i32,
    pub hour: i32,
    /// Day of the month, from 1.
    pub day: i32,
    /// Month, from 0.
    pub month: i32,
    /// Year less 1900.
    pub year: i32,
    /// Day of the week. Sunday is 0.
    pub weekday: i32,
    /// Day of the year, from 0.
    pub year_day: i32,
}

impl Tm {
    pub(super) fn of(seconds: i64) -> Self {
        if seconds.abs() > FURTHEST {
            return Self::default();
        }
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, day) = civil(days);
        Self {
            second: (rest % 60) as i32,
            minute: (rest / 60 % 60) as i32,
            hour: (rest / 3600) as i32,
            day: day as i32,
            month: month as i32 - 1,
            year: (year - 1900) as i32,
            weekday: (days + 4).rem_euclid(7) as i32,
            year_day: (days - days_from_civil(year, 1, 1)) as i32,
        }
    }

    /// Seconds since 1970. Members outside of their ranges carry over, as in `mktime`.
    pub(super) fn seconds(self) -> i64 {
        let month = i64::from(self.month);
        let year = i64::from(self.year) + 1900 + month.div_euclid(12);
        let days = days_from_civil(year, month.rem_euclid(12) + 1, 1) + i64::from(self.day) - 1;
        days * DAY + i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    pub(super) fn read(guest: &dyn Guest, at: u64) -> Result<Self, Trap> {
        let bytes = guest.view(at, 32).ok_or(Trap::OutOfBounds)?;
        let mut members = [0; 8];
        for (member, bytes) in members.iter_mut().zip(bytes.chunks_exact(4)) {
            let mut word = [0; 4];
            word.copy_from_slice(bytes);
            *member = i32::from_le_bytes(word);
        }
        let [second, minute, hour, day, month, year, weekday, year_day] = members;
        Ok(Self {
            second,
            minute,
            hour,
            day,
            month,
            year,
            weekday,
            year_day,
        })
    }

    pub(super) fn write(self, guest: &mut dyn Guest, at: u64) -> Result<(), Trap> {
        let members = [
            self.second,
            self.minute,
            self.hour,
            self.day,
            self.month,
            self.year,
            self.weekday,
            self.year_day,
            // UTC has no daylight saving time.
            0,
        ];
        let mut bytes = [0; 36];
        for (bytes, member) in bytes.chunks_exact_mut(4).zip(members) {
            bytes.copy_from_slice(&member.to_le_bytes());
        }
        write(guest, at, &bytes)
    }
}

/// Converts days since 1970 to year, month and day. Months and days count from 1. From Howard Hinnant,
/// "chrono-compatible low-level date algorithms".
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_restores_the_argument_of_of() {
        for seconds in [
            0,
            -1,
            951_782_399,
            951_782_400,
            1_709_210_096,
            4_102_444_800,
            -62_135_596_800,
            FURTHEST,
        ] {
            assert_eq!(Tm::of(seconds).seconds(), seconds);
        }
        let leap = Tm::of(1_709_210_096);
        assert_eq!((leap.year, leap.month, leap.day), (124, 1, 29));
        assert_eq!((leap.hour, leap.minute, leap.second), (12, 34, 56));
        assert_eq!((leap.weekday, leap.year_day), (4, 59));
        assert_eq!(Tm::of(i64::MAX), Tm::default());
    }

    #[test]
    fn seconds_carries_members_out_of_range() {
        let time = Tm {
            day: 32,
            month: 12,
            year: 123,
            ..Tm::default()
        };
        let same = Tm::of(time.seconds());
        assert_eq!((same.year, same.month, same.day), (124, 1, 1));
        let furthest = Tm {
            second: i32::MIN,
            minute: i32::MAX,
            hour: i32::MIN,
            day: i32::MAX,
            month: i32::MIN,
            year: i32::MAX,
            weekday: 0,
            year_day: 0,
        };
        let _ = Tm::of(furthest.seconds());
    }
}
