//! The times of lines, also those without an offset from UTC.

use super::{
    shape::begins_with,
    time_forms::{iso_8601, length_of_time, month_of},
};
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use log_files::{Time, calendar::civil_from_days, parse_time};
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads the times of lines.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub(super) zone: Zone,
    /// The present time in nanoseconds since 1970, or `None` for that of the machine.
    pub(super) now: Option<i64>,
}

/// A clock of another machine can be fast by this much.
const NANOS_PER_DAY: i64 = 86_400_000_000_000;

/// 29 February comes again after eight years at the latest.
const MAX_YEARS: i64 = 8;

impl Clock {
    /// Parses a time, also one without a year: it is the latest such time that is at most a day in the future.
    pub(super) fn time(&self, value: &Value) -> Option<Time> {
        let without_year = || self.without_year(value.as_str()?.trim());
        self.zone.time(value).or_else(without_year)
    }

    fn without_year(&self, text: &str) -> Option<Time> {
        let (month, day, time) = month_and_day(text)?;
        let end = self.now().checked_add(NANOS_PER_DAY)?;
        let (latest, ..) = civil_from_days(end.div_euclid(NANOS_PER_DAY));
        let years = (0..=MAX_YEARS).map(|before| latest - before);
        let mut times = years.filter_map(|year| {
            let text = format!("{year:04}-{month:02}-{day:02} {time}");
            self.zone.time_of_text(&text)
        });
        times.find(|time| time.nanos <= end)
    }

    fn now(&self) -> i64 {
        self.now.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            i64::try_from(now.unwrap_or_default().as_nanos()).unwrap_or(i64::MAX)
        })
    }
}

/// Splits `Nov 29 16:00:00`, as syslog writes it (RFC 3164), and `1129 16:00:00.000000` of klog.
fn month_and_day(text: &str) -> Option<(usize, u8, &str)> {
    let (month, day, time) = match () {
        () if begins_with(text, "aaa _# ##:##:##") => {
            (month_of(text.get(..3)?)?, text.get(4..6)?, text.get(7..)?)
        }
        () if begins_with(text, "#### ##:##:##") => (
            text.get(..2)?.parse().ok()?,
            text.get(2..4)?,
            text.get(5..)?,
        ),
        () => return None,
    };
    Some((month, day.trim().parse().ok()?, time))
}

/// Where times without an offset from UTC are local.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    /// The time zone of this machine.
    System(TimeZone),
    /// A fixed offset from UTC, in seconds. It is positive in the east.
    Fixed(i64),
    /// Not known, so times without an offset are not understood.
    Unknown,
    /// Not known, but the line was stored at this time, in nanoseconds since 1970.
    OfLineStoredAt(i64),
}

impl Zone {
    /// The time zone of this machine, or UTC if it is not known.
    pub(super) fn system() -> Self {
        Self::System(TimeZone::system())
    }

    /// Parses a time: a number since 1970 in any unit, or a text.
    pub(super) fn time(&self, value: &Value) -> Option<Time> {
        match value {
            Value::Number(number) => parse_time(number.to_string().as_bytes()),
            Value::String(text) => self.time_of_text(text.trim()),
            _ => None,
        }
    }

    /// Parses the text of a time. Without an offset from UTC, it is local.
    pub(super) fn time_of_text(&self, text: &str) -> Option<Time> {
        if text.len() > 64 {
            return None;
        }
        if let Some(time) = parse_time(text.as_bytes()) {
            return Some(time);
        }
        let text = iso_8601(text)?;
        if let Some(time) = parse_time(text.as_bytes()) {
            return Some(time);
        }
        let time = parse_time(format!("{text}Z").as_bytes())?;
        let nanos = self.utc(time.nanos)?;
        Some(Time { nanos, ..time })
    }

    /// Returns the nanoseconds since 1970 of a local time, which is given as if it were UTC. Of a time that occurs twice when clocks are set
    /// back, it is the first one.
    fn utc(&self, local: i64) -> Option<i64> {
        match self {
            Self::Unknown => None,
            Self::OfLineStoredAt(stored) => utc_near(local, *stored),
            Self::Fixed(seconds) => local.checked_sub(seconds.checked_mul(1_000_000_000)?),
            Self::System(zone) => {
                let timestamp = Timestamp::from_nanosecond(local.into()).ok()?;
                let local = Offset::UTC.to_datetime(timestamp);
                let timestamp = zone.to_timestamp(local).ok()?;
                i64::try_from(timestamp.as_nanosecond()).ok()
            }
        }
    }
}

/// Returns the nanoseconds since 1970 of a local time in an unknown zone, of a line that was stored soon after it. Offsets from UTC are whole
/// quarters of an hour. Where none fits, the stored time stands for the local one, if they are at most a day apart.
fn utc_near(local: i64, stored: i64) -> Option<i64> {
    const QUARTER: i64 = 900_000_000_000;
    const MOST_DELAY: i64 = 60_000_000_000;
    const MOST_OFFSET: i64 = 56 * QUARTER;
    let ahead = local.checked_sub(stored)?.checked_add(MOST_DELAY)?;
    let offset = ahead.div_euclid(QUARTER) * QUARTER;
    let is_soon_after = ahead.rem_euclid(QUARTER) <= MOST_DELAY;
    match is_soon_after && offset.abs() <= MOST_OFFSET {
        true => local.checked_sub(offset),
        false => (ahead.abs() <= NANOS_PER_DAY).then_some(stored),
    }
}

/// Abbreviations of time zones. Some stand for several zones, so a time with one of them is not understood.
const ABBREVIATIONS: [&str; 36] = [
    "ACDT", "ACST", "ADT", "AEDT", "AEST", "AKDT", "AKST", "AST", "AWST", "BST", "CDT", "CEST",
    "CET", "CST", "EDT", "EEST", "EET", "EST", "HKT", "HST", "IST", "JST", "KST", "MDT", "MEST",
    "MET", "MSK", "MST", "NZDT", "NZST", "PDT", "PST", "SAST", "SGT", "WEST", "WET",
];

/// Returns the time with which a text begins, as text. The abbreviation of a time zone belongs to it.
pub(super) fn time_at_start(text: &str) -> Option<&str> {
    let length = length_of_time(text)?;
    let (time, rest) = text.split_at_checked(length)?;
    Zone::Fixed(0).time_of_text(time)?;
    let word = rest.strip_prefix(' ').unwrap_or_default();
    let end = word.find(|c: char| !c.is_ascii_alphanumeric());
    let word = word.get(..end.unwrap_or(word.len()))?;
    match ABBREVIATIONS.contains(&word) {
        true => text.get(..length + 1 + word.len()),
        false => Some(time),
    }
}

/// Returns the number of seconds, or of smaller units, since 1970 with which a text begins.
pub(super) fn epoch_at_start(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let (number, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let is_word = rest.is_empty() || rest.starts_with([' ', '\t', ']', ')', '|', ':']);
    let is_time = is_word && parse_time(number.as_bytes()).is_some();
    is_time.then_some(number)
}

/// Whether all of a text is a time.
pub(super) fn is_time(text: &str) -> bool {
    Zone::Fixed(0).time_of_text(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NANOS: i64 = 1_795_967_274_146_000_000;

    #[test]
    fn a_time_without_an_offset_is_local() {
        let text = "2026-11-29 15:47:54,146";
        let at = |zone: Zone| zone.time_of_text(text).map(|time| time.nanos);
        assert_eq!(at(Zone::Fixed(0)), Some(NANOS));
        assert_eq!(at(Zone::Fixed(-3_600)), Some(NANOS + 3_600_000_000_000));
        let berlin = Zone::System(TimeZone::fixed(jiff::tz::offset(1)));
        assert_eq!(at(berlin), Some(NANOS - 3_600_000_000_000));
        for text in ["20261129T154754.146", "Sun Nov 29 15:47:54.146 2026"] {
            let time = Zone::Fixed(-3_600).time_of_text(text);
            assert_eq!(
                time.map(|time| time.nanos),
                Some(NANOS + 3_600_000_000_000),
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_without_a_year_is_the_latest_that_is_not_in_the_future() {
        let now = |text: &str| parse_time(text.as_bytes()).map(|time| time.nanos);
        for (text, present, expected) in [
            (
                "Nov 29 16:00:00",
                "2026-11-30T00:00:00Z",
                "2026-11-29T16:00:00Z",
            ),
            (
                "Nov  9 16:00:00",
                "2026-11-30T00:00:00Z",
                "2026-11-09T16:00:00Z",
            ),
            // The clock of the other machine is fast.
            (
                "Nov 29 16:00:00",
                "2026-11-29T10:00:00Z",
                "2026-11-29T16:00:00Z",
            ),
            (
                "Jan  1 00:00:01",
                "2026-12-31T23:59:59Z",
                "2027-01-01T00:00:01Z",
            ),
            (
                "Nov 29 16:00:00",
                "2026-11-28T10:00:00Z",
                "2025-11-29T16:00:00Z",
            ),
            (
                "Feb 29 16:00:00",
                "2027-03-01T00:00:00Z",
                "2024-02-29T16:00:00Z",
            ),
            (
                "1129 16:00:00.250000",
                "2026-11-30T00:00:00Z",
                "2026-11-29T16:00:00.25Z",
            ),
        ] {
            let clock = Clock {
                zone: Zone::Fixed(0),
                now: now(present),
            };
            let found = clock.time(&json!(text)).map(|time| time.nanos);
            assert_eq!(found, now(expected), "{text}");
        }
        let clock = Clock {
            zone: Zone::Fixed(0),
            now: None,
        };
        for text in [
            "Nox 29 16:00:00",
            "Nov 31 16:00:00",
            "1329 16:00:00",
            "Nov 29",
        ] {
            assert_eq!(clock.time(&json!(text)), None, "{text}");
        }
    }

    #[test]
    fn a_time_with_an_offset_is_the_same_everywhere() {
        let zone = Zone::Fixed(7_200);
        for value in [
            json!("2026-11-29T15:47:54.146Z"),
            json!("2026-11-29T15:47:54.146+0000"),
            json!("2026-11-29 16:47:54,146 +0100"),
            json!("2026-11-29 15:47:54.146 UTC"),
            json!("2026-11-29 15:47:54.146 GMT"),
            json!("2026-11-29 17:47:54.146+02"),
            json!("2026-11-29T10:47:54.146-05"),
            json!("2026/11/29 15:47:54.146Z"),
            json!("20261129T154754.146Z"),
            json!("20261129T164754,146+0100"),
            json!("Sun Nov 29 15:47:54.146 UTC 2026"),
            json!("Sun Nov 29 16:47:54.146 +0100 2026"),
            json!(1_795_967_274_146_i64),
            json!("1795967274146"),
            json!(1_795_967_274.146),
            json!(1_795_967_274_146_000_000_i64),
        ] {
            let time = zone.time(&value).map(|time| time.nanos);
            assert_eq!(time, Some(NANOS), "{value}");
        }
        let access = zone.time(&json!("29/Nov/2026:15:47:54 +0000"));
        assert_eq!(access.map(|time| time.nanos), Some(NANOS - 146_000_000));
        for value in [
            json!("yesterday"),
            json!(35),
            json!(null),
            json!("2026-11-29"),
            json!("2026-11-29 15:47:54.146 CET"),
            json!("Sun Nov 29 15:47:54.146 CET 2026"),
            json!("Sun Nox 29 15:47:54 2026"),
            json!("20261329T154754Z"),
            json!(""),
        ] {
            assert_eq!(zone.time(&value), None, "{value}");
        }
    }

    #[test]
    fn all_digits_of_a_float_count() {
        let value: Value = serde_json::from_str("1795967309.5502608").expect("a number");
        let time = Zone::Fixed(0).time(&value).map(|time| time.nanos);
        assert_eq!(time, Some(1_795_967_309_550_260_800));
    }

    #[test]
    fn a_number_since_1970_at_the_start_is_a_word() {
        for (text, expected) in [
            ("1795967274 INFO x", Some("1795967274")),
            ("1795967274.146] x", Some("1795967274.146")),
            ("1795967274146", Some("1795967274146")),
            ("1795967274-1 x", None),
            ("1795967274. x", None),
            ("1795967274.1.2 x", None),
            ("12345 x", None),
            ("x", None),
        ] {
            assert_eq!(epoch_at_start(text), expected, "{text}");
        }
    }
}
