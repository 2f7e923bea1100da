//! Datadog's attribute `duration` is in nanoseconds.

use super::{
    super::{durations::Unit, members::Members},
    adapted::Adapted,
};

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    // What its tracers add to a line, whichever logger writes it.
    let is_datadog = members.has("dd.traceid") || members.has("dd.service");
    is_datadog.then_some(Adapted::with_unit(Unit::Nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_datadog_show_the_unit() {
        for (name, is_datadog) in [
            ("dd.trace_id", true),
            ("dd.service", true),
            ("trace_id", false),
        ] {
            let mut members = Members::default();
            members.push(name, "1");
            let unit = adapt(&mut members).and_then(|adapted| adapted.unit);
            assert_eq!(unit == Some(Unit::Nanoseconds), is_datadog, "{name}");
        }
    }
}
