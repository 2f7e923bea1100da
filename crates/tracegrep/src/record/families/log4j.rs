//! Log4j's `JsonTemplateLayout`, with the templates `JsonLayout` and `GcpLayout`, writes a time as two numbers. `JsonLayout` writes an
//! exception as objects, and `GcpLayout` appends its stack trace to the message.

use super::{super::members::Members, adapted::Adapted, throwable};
use serde_json::Value;

const THROWN: throwable::Names = throwable::Names {
    kind: "name",
    frames: "extendedstacktrace",
    class: "class",
    method: "method",
    file: "file",
    line: "line",
};

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let is_layout = exact_time(members, "instant.epochsecond", "instant.nanoofsecond");
    let is_google = exact_time(members, "timestampseconds", "timestampnanos");
    if !(is_layout || is_google) {
        return None;
    }
    throwable::adapt(members, "thrown", &THROWN);
    if is_google {
        message_alone(members);
    }
    Some(Adapted::default())
}

/// Joins the seconds and the nanoseconds of a time, and returns whether the line has them.
fn exact_time(members: &mut Members, seconds: &str, nanos: &str) -> bool {
    let number = |key| members.get(key).and_then(Value::as_i64);
    let (Some(whole), Some(part @ 0..1_000_000_000)) = (number(seconds), number(nanos)) else {
        return false;
    };
    let time = whole.checked_mul(1_000_000_000);
    let Some(time) = time.and_then(|time| time.checked_add(part)) else {
        return false;
    };
    members.take(seconds);
    members.take(nanos);
    members.push("timestamp", time);
    true
}

/// Cuts off the stack trace at the end of the message, if the line has it a second time.
fn message_alone(members: &mut Members) {
    let stack = members.text("exception").filter(|stack| !stack.is_empty());
    let message = members.text("message");
    if let (Some(message), Some(stack)) = (message, stack)
        && let Some(alone) = message.strip_suffix(stack)
    {
        let alone = alone.trim_end().to_owned();
        members.take("message");
        members.push("message", alone);
    }
}
