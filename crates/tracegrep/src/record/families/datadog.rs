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
