//! Durations, as numbers in a unit and as text such as `2.441823ms`.

use serde_json::Value;
use std::time::Duration;

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl Unit {
    fn nanos(self) -> f64 {
        match self {
            Self::Seconds => 1e9,
            Self::Milliseconds => 1e6,
            Self::Microseconds => 1e3,
            Self::Nanoseconds => 1.0,
        }
    }

    /// Returns the duration of a number of units.
    fn duration(self, number: f64) -> Option<Duration> {
        let nanos = (number * self.nanos()).round();
        // A century, which also keeps the number exact in 64 bits.
        let is_plausible = (0.0..3.2e18).contains(&nanos);
        is_plausible.then(|| Duration::from_nanos(nanos as u64))
    }
}

/// Reads a duration: a number, which may be a string, if its unit is known, or a text with units.
pub(super) fn of_value(value: &Value, unit: Option<Unit>) -> Option<Duration> {
    match value {
        Value::Number(number) => unit?.duration(number.as_f64()?),
        Value::String(text) => {
            let text = text.trim();
            match text.parse() {
                Ok(number) => unit?.duration(number),
                Err(_) => of_text(text),
            }
        }
        _ => None,
    }
}

/// Parses numbers with units, as Go (`1m2.5s`) and Rust (`28.1ms`) write a duration.
pub(super) fn of_text(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at(end);
        let end = after.find(|c: char| c.is_ascii_digit());
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        let number: f64 = number.parse().ok()?;
        let part = match unit.trim() {
            "h" => Unit::Seconds.duration(number * 3_600.0),
            "m" | "min" => Unit::Seconds.duration(number * 60.0),
            "s" | "sec" => Unit::Seconds.duration(number),
            "ms" => Unit::Milliseconds.duration(number),
            "µs" | "μs" | "us" => Unit::Microseconds.duration(number),
            "ns" => Unit::Nanoseconds.duration(number),
            _ => None,
        };
        sum = sum.checked_add(part?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

/// OpenTelemetry's name for the seconds that a server took for a request, which access lines have.
pub(super) const OF_REQUEST: &str = "http.server.request.duration";

/// Names that mean a duration, as [`key_of`](super::members::key_of) writes them. The unit may follow.
const NAMES: [&str; 11] = [
    "duration",
    "elapsed",
    "elapsedtime",
    "latency",
    "took",
    "responsetime",
    "requesttime",
    "executiontime",
    "processingtime",
    "timetaken",
    "requestduration",
];

/// Returns the unit that a name for a duration ends with: `Some(None)` if it has none, and `None` if the name means something else.
pub(super) fn unit_of_name(key: &str) -> Option<Option<Unit>> {
    // pino-http's name.
    if key == "responsetime" {
        return Some(Some(Unit::Milliseconds));
    }
    let suffixes = NAMES.iter().filter_map(|name| key.strip_prefix(name));
    suffixes.filter_map(unit_of_suffix).next()
}

fn unit_of_suffix(suffix: &str) -> Option<Option<Unit>> {
    let suffix = suffix.strip_prefix("in").unwrap_or(suffix);
    Some(Some(match suffix.trim_start_matches('.') {
        "" => return Some(None),
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Seconds,
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => Unit::Milliseconds,
        "us" | "usec" | "micros" | "microseconds" => Unit::Microseconds,
        "ns" | "nsec" | "nanos" | "nanoseconds" => Unit::Nanoseconds,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_needs_a_unit() {
        let nanos = |value: Value, unit| of_value(&value, unit).map(|found| found.as_nanos());
        assert_eq!(
            nanos(json!(0.002590043), Some(Unit::Seconds)),
            Some(2_590_043)
        );
        assert_eq!(
            nanos(json!(2.503765), Some(Unit::Milliseconds)),
            Some(2_503_765)
        );
        assert_eq!(
            nanos(json!("1486"), Some(Unit::Milliseconds)),
            Some(1_486_000_000)
        );
        assert_eq!(
            nanos(json!(2485969), Some(Unit::Nanoseconds)),
            Some(2_485_969)
        );
        assert_eq!(nanos(json!(2), None), None);
        assert_eq!(nanos(json!(-1), Some(Unit::Seconds)), None);
        assert_eq!(nanos(json!(1e300), Some(Unit::Seconds)), None);
        assert_eq!(nanos(json!("NaN"), Some(Unit::Seconds)), None);
    }

    #[test]
    fn a_text_has_its_units() {
        for (text, nanos) in [
            ("2.441823ms", 2_441_823),
            ("140µs", 140_000),
            ("28.1ms", 28_100_000),
            ("1m2.5s", 62_500_000_000),
            ("1h0m0s", 3_600_000_000_000),
            ("0s", 0),
            ("12 ms", 12_000_000),
        ] {
            let found = of_value(&json!(text), None).map(|found| found.as_nanos());
            assert_eq!(found, Some(nanos), "{text}");
        }
        for text in ["", "ms", "2 apples", "2", "1.2.3s", "-3ms", "é"] {
            assert_eq!(of_value(&json!(text), None), None, "{text}");
        }
    }

    #[test]
    fn a_name_can_have_a_unit() {
        for (key, unit) in [
            ("duration", Some(None)),
            ("durationms", Some(Some(Unit::Milliseconds))),
            ("elapsedmilliseconds", Some(Some(Unit::Milliseconds))),
            ("elapsedtime", Some(None)),
            ("responsetime", Some(Some(Unit::Milliseconds))),
            ("latencyus", Some(Some(Unit::Microseconds))),
            ("durationseconds", Some(Some(Unit::Seconds))),
            ("durationlimit", None),
            ("status", None),
        ] {
            assert_eq!(unit_of_name(key), unit, "{key}");
        }
    }
}
