//! nginx formats lines as its administrator says. Its times are whole seconds, except for `$msec`, and its durations are seconds.

use super::{
    super::{durations::Unit, members::Members},
    adapted::Adapted,
};
use serde_json::Value;

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    // nginx always writes three decimals.
    let has_decimals = match members.get("requesttime")? {
        Value::String(text) => text.contains('.'),
        value => value.is_f64(),
    };
    if !has_decimals {
        return None;
    }
    if let Some(time) = members.take("msec") {
        for whole in ["time", "timestamp", "@timestamp"] {
            members.take(whole);
        }
        members.push("time", time);
    }
    Some(Adapted::with_unit(Unit::Seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    #[test]
    fn the_time_with_milliseconds_replaces_the_one_without() {
        let mut line = members(
            r#"{"time":"2026-11-29T15:54:16+00:00","msec":1795967656.384,"request_time":0.012}"#,
        );
        assert_eq!(adapt(&mut line), Some(Adapted::with_unit(Unit::Seconds)));
        assert_eq!(
            line.get("time").map(ToString::to_string).as_deref(),
            Some("1795967656.384")
        );
        for other in [
            r#"{"time":"2026-11-29T15:54:16+00:00"}"#,
            r#"{"time":"2026-11-29T15:54:16+00:00","request_time":12}"#,
        ] {
            assert_eq!(adapt(&mut members(other)), None, "{other}");
        }
    }
}
