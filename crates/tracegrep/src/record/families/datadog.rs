//! Datadog's attribute `duration` is in nanoseconds.

use super::{super::members::Members, adapted::Adapted};
use serde_json::Value;

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    // What its tracers add to a line, whichever logger writes it.
    if !(members.has("dd.traceid") || members.has("dd.service")) {
        return None;
    }
    // With decimals, the user has chosen another unit. Other names for a duration are none of Datadog's.
    if members.get("duration").is_some_and(Value::is_u64)
        && let Some(duration) = members.take("duration")
    {
        members.push("duration_ns", duration);
    }
    Some(Adapted::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_datadog_show_the_unit_of_its_duration() {
        for (name, is_datadog) in [
            ("dd.trace_id", true),
            ("dd.service", true),
            ("trace_id", false),
        ] {
            let mut members = Members::default();
            members.push(name, "1");
            members.push("duration", 2);
            members.push("took", 3);
            assert_eq!(adapt(&mut members).is_some(), is_datadog, "{name}");
            assert_eq!(members.has("durationns"), is_datadog, "{name}");
            assert!(members.has("took"));
        }
    }
}
