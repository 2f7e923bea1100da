use jiff::{civil::DateTime, tz::TimeZone};
use log_files::parse_time;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Parses a time: RFC 3339, a number since 1970, a local date with or without a time, or a duration before now, such as `30m`.
pub(crate) fn parse(text: &str) -> Result<i64, &'static str> {
    if let Some(time) = parse_time(text.as_bytes()) {
        return Ok(time.nanos);
    }
    if let Some(nanos) = local(text, &TimeZone::system()) {
        return Ok(nanos);
    }
    let ago = ago(text).ok_or(
        "expected a time such as 2026-11-28T18:53:17Z, `2026-11-28 18:53:17` or 2026-11-28, or 1h, 30m or 2d",
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
    ago(text).ok_or("expected a duration such as 10s or 1m")
}

fn ago(text: &str) -> Option<Duration> {
    let unit = text.char_indices().last()?;
    let seconds = match unit.1 {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let number: u64 = text.get(..unit.0)?.parse().ok()?;
    Some(Duration::from_secs(number.checked_mul(seconds)?))
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
        for text in ["", "h", "1", "1w", "-1h", "1é", "99999999999999999999d"] {
            assert_eq!(ago(text), None, "{text}");
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
