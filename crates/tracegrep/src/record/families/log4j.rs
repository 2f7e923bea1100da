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

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    #[test]
    fn a_time_of_two_numbers_is_joined() {
        for line in [
            r#"{"instant":{"epochSecond":1795967446,"nanoOfSecond":5}}"#,
            r#"{"timestampSeconds":1795967446,"timestampNanos":5}"#,
        ] {
            let mut members = members(line);
            assert!(adapt(&mut members).is_some());
            assert_eq!(
                members.get("timestamp"),
                Some(&1_795_967_446_000_000_005_i64.into())
            );
        }
        for line in [
            r#"{"instant":{"epochSecond":1795967446}}"#,
            r#"{"timestampSeconds":9223372036854775807,"timestampNanos":5}"#,
            r#"{"timestampSeconds":1,"timestampNanos":-5}"#,
        ] {
            assert_eq!(adapt(&mut members(line)), None, "{line}");
        }
    }

    #[test]
    fn a_stack_trace_is_not_part_of_the_message() {
        let line = r#"{"timestampSeconds":1,"timestampNanos":5,"message":"failed\nE: x\n\tat A","exception":"E: x\n\tat A"}"#;
        let mut members = members(line);
        assert!(adapt(&mut members).is_some());
        assert_eq!(members.text("message"), Some("failed"));
    }
}
