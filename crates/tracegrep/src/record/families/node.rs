//! pino and bunyan name the application `name`. Durations in JavaScript are in milliseconds.

use super::{
    super::{durations::Unit, members::Members},
    adapted::Adapted,
};
use serde_json::Value;

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let is_number = |key| members.get(key).is_some_and(Value::is_number);
    let of_process = is_number("pid") && members.has("hostname");
    if !is_number("level") || !(of_process || is_number("time") || is_number("v")) {
        return None;
    }
    if let Some(name) = members.take("name") {
        // A member without a service is a field again.
        let key = if members.has("service") {
            "name"
        } else {
            "service"
        };
        members.push(key, name);
    }
    Some(Adapted::with_unit(Unit::Milliseconds))
}
