use jiff::{civil::DateTime, tz::TimeZone};
use log_files::parse_time;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Parses a time: RFC 3339, a number since 1970, a local date with or without a time, or a duration before now, such as `1h30m`.
pub(crate) fn parse(text: &str) -> Result<i64, &'static str> {
    if let Some(time) = parse_time(text.as_bytes()) {
        return Ok(time.nanos);
    }
    if let Some(nanos) = local(text, &TimeZone::system()) {
        return Ok(nanos);
    }
    let ago = ago(text).ok_or(
        "expected a time such as 2026-11-28T18:53:17Z, `2026-11-28 18:53:17` or 2026-11-28, or an age such as 30m, 1h30m or 1w (units: w, d, h, m, s, ms)",
    )?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let then = now.unwrap_or_default().saturating_sub(ago);
    i64::try_from(then.as_nanos()).map_err(|_| "the time is out of range")
}

/// Parses `2026-11-28 18:53:17`, or a date for its first moment.
fn local(text: &str, zone: &TimeZone) -> Option<i64> {
    let local: DateTime = text.parse().ok()?;
    let time = zone.to_timestamp(local).ok()?;
    i64::try_from(time.as_nanosecond()).ok()
}

/// Parses a duration such as `30s`.
pub(crate) fn duration(text: &str) -> Result<Duration, &'static str> {
    ago(text).ok_or("expected a duration such as 10s, 1m30s or 500ms (units: w, d, h, m, s, ms)")
}

/// Parses a sum of numbers with units, as systemd and Prometheus write it. There may be spaces between them.
fn ago(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit())?)?;
        let end = after.find(|c: char| !c.is_ascii_alphabetic());
        let (unit, after) = after.split_at_checked(end.unwrap_or(after.len()))?;
        let millis = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            _ => return None,
        };
        let number: u64 = number.parse().ok()?;
        sum = sum.checked_add(Duration::from_millis(number.checked_mul(millis)?))?;
        rest = after.trim_start();
    }
    (!text.trim().is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_a_time_without_an_offset_are_local() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        for (text, nanos) in [
            ("2026-11-28 19:53:17", 1_795_891_997_000_000_000),
            ("2026-11-28T19:53:17.5", 1_795_891_997_500_000_000),
            ("2026-11-28", 1_795_820_400_000_000_000),
        ] {
            assert_eq!(local(text, &zone), Some(nanos), "{text}");
        }
        assert_eq!(local("19:53:17", &zone), None);
        let system = local("2026-11-28 19:53:17", &TimeZone::system());
        assert_eq!(parse("2026-11-28 19:53:17").ok(), system);
    }

    #[test]
    fn a_time_is_rfc_3339_or_a_duration_before_now() {
        assert_eq!(parse("2026-11-28T18:53:17Z"), Ok(1_795_891_997_000_000_000));
        assert_eq!(ago("90s"), Some(Duration::from_secs(90)));
        assert_eq!(ago("2d"), Some(Duration::from_secs(172_800)));
        for text in [
            "",
            " ",
            "h",
            "1",
            "1y",
            "1M",
            "-1h",
            "1é",
            "1h30",
            "1.5h",
            "99999999999999999999d",
            "18446744073709551615w",
        ] {
            assert_eq!(ago(text), None, "{text}");
            assert!(parse(text).is_err(), "{text}");
        }
        let error = parse("1y").expect_err("a year has no fixed length");
        assert!(error.contains("units: w, d, h, m, s, ms"), "{error}");
    }

    #[test]
    fn a_duration_is_a_sum_of_units() {
        for (text, seconds) in [
            ("1h30m", 5_400.0),
            ("1h 30m", 5_400.0),
            ("1w", 604_800.0),
            ("1w2d3h4m5s6ms", 788_645.006),
            ("500ms", 0.5),
            ("0s", 0.0),
        ] {
            let expected = Duration::from_secs_f64(seconds);
            assert_eq!(duration(text), Ok(expected), "{text}");
        }
    }
}
