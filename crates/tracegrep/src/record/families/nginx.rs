//! nginx formats lines as its administrator says. Its times are whole seconds, except for `$msec`, and its durations are seconds.

use super::{
    super::{durations::Unit, members::Members},
    adapted::Adapted,
};

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    if !members.has("requesttime") {
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
