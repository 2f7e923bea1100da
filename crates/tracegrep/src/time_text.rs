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
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}Z")
}

/// Writes a duration with three digits and its unit: `2.44ms`.
pub(crate) fn short(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let (value, unit) = match nanos {
        0 => return "0ms".to_owned(),
        1..1_000 => (nanos as f64, "ns"),
        1_000..1_000_000 => (nanos as f64 / 1e3, "µs"),
        1_000_000..1_000_000_000 => (nanos as f64 / 1e6, "ms"),
        1_000_000_000..60_000_000_000 => (nanos as f64 / 1e9, "s"),
        _ => {
            let (minutes, seconds) = (duration.as_secs() / 60, duration.as_secs() % 60);
            return match minutes {
                ..60 => format!("{minutes}m{seconds:02}s"),
                _ => format!("{}h{:02}m", minutes / 60, minutes % 60),
            };
        }
    };
    let decimals = match value {
        ..10.0 if unit != "ns" => 2,
        ..100.0 if unit != "ns" => 1,
        _ => 0,
    };
    format!("{value:.decimals$}{unit}")
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
}
