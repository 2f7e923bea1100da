//! Logback's own `JsonEncoder` writes a message as a template with arguments, the user's fields as a list, and an exception as objects.

use super::{super::members::Members, adapted::Adapted, throwable};
use serde_json::Value;

const THROWABLE: throwable::Names = throwable::Names {
    kind: "classname",
    frames: "steparray",
    class: "className",
    method: "methodName",
    file: "fileName",
    line: "lineNumber",
};

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let is_logback = members.has("loggername") && members.has("timestamp");
    if !is_logback || members.has("instant.epochsecond") {
        return None;
    }
    exact_time(members);
    whole_message(members);
    if let Some(Value::Array(fields)) = members.take("kvplist") {
        for field in fields {
            if let Value::Object(field) = field {
                for (name, value) in field {
                    members.push(name, value);
                }
            }
        }
    }
    // A line without an exception has `null`.
    if members.get("throwable").is_some_and(Value::is_null) {
        members.take("throwable");
    }
    throwable::adapt(members, "throwable", &THROWABLE);
    Some(Adapted::default())
}

/// The time is in milliseconds, and beside it are the nanoseconds of its second.
fn exact_time(members: &mut Members) {
    let millis = members.get("timestamp").and_then(Value::as_i64);
    let nanos = members.get("nanoseconds").and_then(Value::as_i64);
    let (Some(millis), Some(nanos @ 0..1_000_000_000)) = (millis, nanos) else {
        return;
    };
    let time = millis.div_euclid(1_000).checked_mul(1_000_000_000);
    if let Some(time) = time.and_then(|time| time.checked_add(nanos)) {
        members.take("timestamp");
        members.take("nanoseconds");
        members.push("timestamp", time);
    }
}

/// Fills the arguments into the message, as SLF4J does.
fn whole_message(members: &mut Members) {
    let whole = members.take("formattedmessage");
    let (template, arguments) = (members.text("message"), members.get("arguments"));
    let filled = match (template, arguments) {
        (Some(template), Some(Value::Array(arguments))) => Some(fill(template, arguments)),
        _ => None,
    };
    if filled.is_some() {
        members.take("arguments");
    }
    if let Some(message) = whole.or(filled.map(Value::String)) {
        members.take("message");
        members.push("message", message);
    }
}

/// Replaces each `{}` by the next argument. A `\` before it keeps it.
fn fill(template: &str, arguments: &[Value]) -> String {
    let mut filled = String::new();
    let mut arguments = arguments.iter();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{}") {
        match before.strip_suffix('\\') {
            Some(before) => {
                filled.push_str(before);
                filled.push_str("{}");
            }
            None => {
                filled.push_str(before);
                match arguments.next() {
                    Some(Value::String(text)) => filled.push_str(text),
                    Some(value) => filled.push_str(&value.to_string()),
                    None => filled.push_str("{}"),
                }
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_are_filled_in() {
        let arguments = [json!("3"), json!(4)];
        for (template, expected) in [
            ("items={} of {}", "items=3 of 4"),
            ("{}{}{}", "34{}"),
            (r"\{} {}", "{} 3"),
            ("none", "none"),
        ] {
            assert_eq!(fill(template, &arguments), expected);
        }
    }
}
