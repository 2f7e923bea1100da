//! structlog's message is `event`, and it writes an exception as a list: the outermost, and its causes.

use super::{super::members::Members, adapted::Adapted};
use serde_json::Value;
use std::fmt::Write;

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let is_structlog = members.get("event").is_some_and(Value::is_string)
        && !members.has("message")
        && !members.has("msg");
    if !is_structlog {
        return None;
    }
    if let Some(Value::Array(errors)) = members.get("exception") {
        let errors = errors.clone();
        members.take("exception");
        replace(members, &errors);
    }
    Some(Adapted::default())
}

/// Adds the members of `error` for a list of exceptions.
fn replace(members: &mut Members, errors: &[Value]) {
    let part = |error: &Value, name: &str| Some(error.get(name)?.as_str()?.to_owned());
    let Some(first) = errors.first() else {
        return;
    };
    for (name, value) in [
        ("error.type", part(first, "exc_type")),
        ("error.message", part(first, "exc_value")),
        ("error.stack_trace", Some(stack(errors))),
    ] {
        if let Some(value) = value {
            members.push(name, value);
        }
    }
    let causes = errors.iter().skip(1);
    let causes: Vec<_> = causes
        .filter_map(|error| part(error, "exc_value"))
        .collect();
    members.push("error.causes", causes);
}

/// Writes the stack traces of exceptions as Python does: the innermost cause first.
fn stack(errors: &[Value]) -> String {
    let mut stack = String::new();
    let part = |value: &Value, name: &str| match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "?".to_owned(),
    };
    for error in errors.iter().rev() {
        if !stack.is_empty() {
            stack.push_str(
                "\nThe above exception was the direct cause of the following exception:\n\n",
            );
        }
        stack.push_str("Traceback (most recent call last):\n");
        let frames = error.get("frames").and_then(Value::as_array);
        for frame in frames.into_iter().flatten() {
            let (file, line, name) = (
                part(frame, "filename"),
                part(frame, "lineno"),
                part(frame, "name"),
            );
            // Writing to a string does not fail.
            let _ = writeln!(stack, "  File \"{file}\", line {line}, in {name}");
        }
        let (kind, value) = (part(error, "exc_type"), part(error, "exc_value"));
        let _ = writeln!(stack, "{kind}: {value}");
    }
    stack
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    #[test]
    fn a_list_of_exceptions_becomes_an_error_with_a_stack_trace() {
        let mut members = members(
            r#"{"event":"e","exception":[{"exc_type":"B","exc_value":"outer","frames":[{"filename":"a.py","lineno":22,"name":"pay"}]},{"exc_type":"A","exc_value":"inner","frames":[]}]}"#,
        );
        assert!(adapt(&mut members).is_some());
        assert_eq!(members.text("error.type"), Some("B"));
        assert_eq!(members.text("error.message"), Some("outer"));
        assert_eq!(members.get("error.causes"), Some(&vec!["inner"].into()));
        let stack = "Traceback (most recent call last):\nA: inner\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"a.py\", line 22, in pay\nB: outer\n";
        assert_eq!(members.text("error.stacktrace"), Some(stack));
    }

    #[test]
    fn lines_with_a_message_are_of_other_loggers() {
        assert_eq!(adapt(&mut members(r#"{"event":"e","msg":"m"}"#)), None);
        assert_eq!(adapt(&mut members(r#"{"event":{"dataset":"d"}}"#)), None);
    }
}
