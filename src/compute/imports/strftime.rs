//! `strftime` in the C locale (C11, 7.27.3.5), as emscripten's loader implements it.

use super::tm::Tm;

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Formats a time. Unknown conversions are copied.
pub(super) fn strftime(pattern: &[u8], time: Tm) -> Vec<u8> {
    let mut text = Vec::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    while let [first, following @ ..] = rest {
        rest = following;
        if *first != b'%' {
            text.push(*first);
            continue;
        }
        // The modifiers E and O select another calendar. The C locale has none.
        let (letter, following) = match rest {
            [b'E' | b'O', letter, following @ ..] => (*letter, following),
            [letter, following @ ..] => (*letter, following),
            [] => {
                text.push(b'%');
                break;
            }
        };
        match conversion(letter, time) {
            Some(piece) => {
                text.extend_from_slice(piece.as_bytes());
                rest = following;
            }
            None => text.push(b'%'),
        }
    }
    text
}

fn conversion(letter: u8, time: Tm) -> Option<String> {
    let compound = match letter {
        b'c' => "%a %b %d %H:%M:%S %Y",
        b'D' | b'x' => "%m/%d/%y",
        b'F' => "%Y-%m-%d",
        b'h' => "%b",
        b'r' => "%I:%M:%S %p",
        b'R' => "%H:%M",
        b'T' | b'X' => "%H:%M:%S",
        _ => return simple(letter, time),
    };
    Some(String::from_utf8_lossy(&strftime(compound.as_bytes(), time)).into_owned())
}

fn simple(letter: u8, time: Tm) -> Option<String> {
    let year = i64::from(time.year) + 1900;
    let (weekday, year_day) = (i64::from(time.weekday), i64::from(time.year_day));
    let two = |number: i64| format!("{number:02}");
    Some(match letter {
        b'a' => name(&DAYS, time.weekday).get(..3).unwrap_or("?").to_owned(),
        b'A' => name(&DAYS, time.weekday).to_owned(),
        b'b' => name(&MONTHS, time.month).get(..3).unwrap_or("?").to_owned(),
        b'B' => name(&MONTHS, time.month).to_owned(),
        b'C' => two(year.div_euclid(100)),
        b'd' => two(time.day.into()),
        b'e' => format!("{:2}", time.day),
        b'g' => two(iso_week(time).0.rem_euclid(100)),
        b'G' => iso_week(time).0.to_string(),
        b'H' => two(time.hour.into()),
        b'I' => two((i64::from(time.hour) + 11).rem_euclid(12) + 1),
        b'j' => format!("{:03}", year_day + 1),
        b'm' => two(i64::from(time.month) + 1),
        b'M' => two(time.minute.into()),
        b'n' => "\n".to_owned(),
        b'p' => (if (0..12).contains(&time.hour) { "AM" } else { "PM" }).to_owned(),
        b'S' => two(time.second.into()),
        b't' => "\t".to_owned(),
        b'u' => (if weekday == 0 { 7 } else { weekday }).to_string(),
        b'U' => two((year_day + 7 - weekday).div_euclid(7)),
        b'V' => two(iso_week(time).1),
        b'w' => weekday.to_string(),
        b'W' => two((year_day + 7 - (weekday + 6).rem_euclid(7)).div_euclid(7)),
        b'y' => two(year.rem_euclid(100)),
        b'Y' => year.to_string(),
        b'z' => "+0000".to_owned(),
        b'Z' => "UTC".to_owned(),
        b'%' => "%".to_owned(),
        _ => return None,
    })
}

fn name<'a>(names: &[&'a str], index: i32) -> &'a str {
    usize::try_from(index)
        .ok()
        .and_then(|index| names.get(index))
        .copied()
        .unwrap_or("?")
}

/// The year and week of ISO 8601. Weeks begin on Monday. A year's first week is the one with its first Thursday.
fn iso_week(time: Tm) -> (i64, i64) {
    let year = i64::from(time.year) + 1900;
    let from_monday = (i64::from(time.weekday) + 6).rem_euclid(7);
    // This week's Thursday, as a day of the year.
    let thursday = i64::from(time.year_day) - from_monday + 3;
    if thursday < 0 {
        (year - 1, (thursday + length(year - 1)) / 7 + 1)
    } else if thursday >= length(year) {
        (year + 1, 1)
    } else {
        (year, thursday / 7 + 1)
    }
}

fn length(year: i64) -> i64 {
    if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) {
        366
    } else {
        365
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time() -> Tm {
        Tm {
            second: 7,
            minute: 4,
            hour: 0,
            day: 1,
            month: 0,
            year: 123,
            weekday: 0,
            year_day: 0,
        }
    }

    fn shown(pattern: &str) -> String {
        String::from_utf8(strftime(pattern.as_bytes(), time())).unwrap()
    }

    #[test]
    fn strftime_formats_in_the_c_locale() {
        assert_eq!(shown("%c"), "Sun Jan 01 00:04:07 2023");
        assert_eq!(shown("%A %d %B %Y, %I:%M %p"), "Sunday 01 January 2023, 12:04 AM");
        assert_eq!(shown("%G-W%V-%u %U %W %j %e|%C%y"), "2022-W52-7 01 00 001  1|2023");
        assert_eq!(shown("%Ey %Od %% %q %"), "23 01 % %q %");
    }

    #[test]
    fn strftime_survives_members_out_of_range() {
        let odd = Tm {
            month: -5,
            weekday: 99,
            hour: i32::MIN,
            year: i32::MAX,
            year_day: i32::MIN,
            ..time()
        };
        for letter in 0..=u8::MAX {
            let _ = strftime(&[b'%', letter], odd);
        }
    }
}
