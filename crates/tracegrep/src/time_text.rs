//! Times and durations as text.

use log_files::calendar::civil_from_days;
use std::time::Duration;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Writes a time as RFC 3339 with this many decimals, in UTC.
pub(crate) fn rfc3339(nanos: i64, decimals: usize) -> String {
    let seconds = nanos.div_euclid(NANOS_PER_SECOND);
    let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let fraction = format!("{:09}", nanos.rem_euclid(NANOS_PER_SECOND));
    let fraction = fraction.get(..decimals).unwrap_or(&fraction);
    let point = if decimals > 0 { "." } else { "" };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}Z")
}

/// Writes a duration with three digits and its unit: `2.44ms`. From a minute on, seconds are whole, and from an hour on, minutes.
pub(crate) fn short(duration: Duration) -> String {
    if let Some(text) = below_a_minute(duration) {
        return text;
    }
    // The duration may have been rounded up to a minute.
    let seconds = rounded(duration, 1_000_000_000);
    match seconds / 60 {
        minutes @ ..60 => format!("{minutes}m{:02}s", seconds % 60),
        _ => {
            let minutes = rounded(duration, 60_000_000_000);
            format!("{}h{:02}m", minutes / 60, minutes % 60)
        }
    }
}

/// Writes the time since a start like a duration, but always to the millisecond: `1m00.123s`.
pub(crate) fn offset(passed: Duration) -> String {
    if let Some(text) = below_a_minute(passed) {
        return text;
    }
    let millis = rounded(passed, 1_000_000);
    let (minutes, seconds) = (millis / 60_000, millis % 60_000);
    let seconds = format!("{:02}.{:03}s", seconds / 1_000, seconds % 1_000);
    match minutes {
        0 => seconds,
        1..60 => format!("{minutes}m{seconds}"),
        _ => format!("{}h{:02}m{seconds}", minutes / 60, minutes % 60),
    }
}

/// Three digits in the largest unit in which the value is at least 1 once it is rounded, or `None` if that is a minute.
fn below_a_minute(duration: Duration) -> Option<String> {
    let nanos = duration.as_nanos();
    match nanos {
        0 => return Some("0ms".to_owned()),
        1..1_000 => return Some(format!("{nanos}ns")),
        _ => {}
    }
    for (unit, name, limit) in [
        (1_000, "µs", 1_000),
        (1_000_000, "ms", 1_000),
        (1_000_000_000, "s", 60),
    ] {
        for decimals in [2_u32, 1, 0] {
            let scale = 10_u128.pow(decimals);
            let value = rounded(duration, unit / scale);
            if value < 1_000 && value < limit * scale {
                let decimals = decimals as usize;
                let value = value as f64 / scale as f64;
                return Some(format!("{value:.decimals$}{name}"));
            }
        }
    }
    None
}

/// A duration in a unit of this many nanoseconds.
fn rounded(duration: Duration, unit: u128) -> u128 {
    (duration.as_nanos() + unit / 2) / unit
}

/// The time from one moment to another.
pub(crate) fn between(start: i64, end: i64) -> Duration {
    Duration::from_nanos(u64::try_from(end.saturating_sub(start)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        let nanos = 1_795_891_997_298_748_123;
        assert_eq!(rfc3339(nanos, 9), "2026-11-28T18:53:17.298748123Z");
        assert_eq!(rfc3339(nanos, 3), "2026-11-28T18:53:17.298Z");
        assert_eq!(rfc3339(nanos, 0), "2026-11-28T18:53:17Z");
        assert_eq!(rfc3339(-1, 3), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        for (nanos, text) in [
            (0, "0ms"),
            (35, "35ns"),
            (1_500, "1.50µs"),
            (2_440_671, "2.44ms"),
            (30_339_361, "30.3ms"),
            (303_393_610, "303ms"),
            (1_500_000_000, "1.50s"),
            (61_000_000_000, "1m01s"),
            (3_660_000_000_000, "1h01m"),
        ] {
            assert_eq!(short(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn a_value_that_is_rounded_up_to_the_next_unit_is_written_in_it() {
        for (nanos, text) in [
            (9_996, "10.0µs"),
            (99_960, "100µs"),
            (999_499, "999µs"),
            (999_600, "1.00ms"),
            (999_600_000, "1.00s"),
            (59_940_000_000, "59.9s"),
            (59_960_000_000, "1m00s"),
            (3_599_600_000_000, "1h00m"),
            (7_199_600_000_000, "2h00m"),
        ] {
            assert_eq!(short(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn the_time_since_a_start_keeps_milliseconds() {
        for (nanos, text) in [
            (2_440_671, "2.44ms"),
            (59_960_000_000, "59.960s"),
            (60_123_400_000, "1m00.123s"),
            (3_660_001_000_000, "1h01m00.001s"),
        ] {
            assert_eq!(offset(Duration::from_nanos(nanos)), text);
        }
    }
}
