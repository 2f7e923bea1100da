//! The exceptions that Java's loggers write as objects.

use super::super::members::Members;
use serde_json::Value;

/// The names of an exception's parts.
pub(super) struct Names {
    pub(super) kind: &'static str,
    pub(super) frames: &'static str,
    pub(super) class: &'static str,
    pub(super) method: &'static str,
    pub(super) file: &'static str,
    pub(super) line: &'static str,
}

/// No chain of causes is longer than this, because deeper objects are not members.
const MAX_CAUSES: usize = 8;

/// Replaces the members below a prefix by the members of `error`, with a stack trace as Java prints it.
pub(super) fn adapt(members: &mut Members, prefix: &str, names: &Names) {
    let mut stack = String::new();
    let mut causes = Vec::new();
    let mut first = None;
    let mut at = prefix.to_owned();
    for depth in 0..MAX_CAUSES {
        let Some(kind) = members
            .text(&format!("{at}.{}", names.kind))
            .map(str::to_owned)
        else {
            break;
        };
        let message = members.text(&format!("{at}.message")).map(str::to_owned);
        if depth > 0 {
            stack.push_str("Caused by: ");
            causes.extend(message.clone().map(Value::String));
        }
        stack.push_str(&kind);
        if let Some(message) = &message {
            stack.push_str(": ");
            stack.push_str(message);
        }
        stack.push('\n');
        let frames = members.get(&format!("{at}.{}", names.frames));
        for frame in frames.and_then(Value::as_array).into_iter().flatten() {
            stack.push_str(&frame_of(frame, names));
        }
        first = first.or(Some((kind, message)));
        at.push_str(".cause");
    }
    let Some((kind, message)) = first else {
        return;
    };
    members.remove_below(&format!("{prefix}."));
    members.push("error.type", kind);
    if let Some(message) = message {
        members.push("error.message", message);
    }
    members.push("error.stack_trace", stack);
    members.push("error.causes", causes);
}

/// Writes a frame as Java does.
fn frame_of(frame: &Value, names: &Names) -> String {
    let part = |name: &str| frame.get(name).and_then(Value::as_str).unwrap_or("?");
    let (class, method) = (part(names.class), part(names.method));
    let line = frame.get(names.line).and_then(Value::as_i64);
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("\tat {class}.{method}({}{line})\n", part(names.file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    const NAMES: Names = Names {
        kind: "name",
        frames: "frames",
        class: "class",
        method: "method",
        file: "file",
        line: "line",
    };

    #[test]
    fn an_exception_is_written_as_java_does() {
        let mut members = members(
            r#"{"thrown":{"name":"B","message":"outer","frames":[{"class":"App","method":"pay","file":"App.java","line":10},{"class":"App","method":"main"}],"cause":{"name":"A","frames":[]}}}"#,
        );
        adapt(&mut members, "thrown", &NAMES);
        assert_eq!(members.text("error.type"), Some("B"));
        assert_eq!(members.text("error.message"), Some("outer"));
        let stack = "B: outer\n\tat App.pay(App.java:10)\n\tat App.main(?)\nCaused by: A\n";
        assert_eq!(members.text("error.stacktrace"), Some(stack));
        assert!(!members.has("thrown.name"));
    }

    #[test]
    fn a_line_without_an_exception_stays_as_it_is() {
        let mut members = members(r#"{"thrown":{"other":1}}"#);
        adapt(&mut members, "thrown", &NAMES);
        assert!(members.has("thrown.other") && !members.has("error.stacktrace"));
    }
}
