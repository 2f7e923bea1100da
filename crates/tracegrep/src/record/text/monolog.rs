//! Monolog, the logger of Laravel and Symfony: `[2026-11-29 16:00:00] production.ERROR: text {"trace_id":"4bf9…"} []`.

use super::super::{level::Level, members::Members, times::time_at_start};
use serde_json::{Deserializer, Value};

/// A message can have braces too. No more of them are tried.
const MAX_TRIES: usize = 64;

/// Returns the members of a line. The context and the extra fields are members like any others.
pub(super) fn members(line: &str) -> Option<Members> {
    let rest = line.strip_prefix('[')?;
    let time = time_at_start(rest)?;
    let rest = rest.get(time.len()..)?.strip_prefix("] ")?;
    let (name, text) = rest.split_once(": ")?;
    let (channel, level) = name.rsplit_once('.')?;
    let is_upper = level.bytes().all(|byte| byte.is_ascii_uppercase());
    if channel.contains(' ') || !is_upper || Level::of_name(level).is_none() {
        return None;
    }
    let (message, values) = split_values(text);
    let mut members = Members::default();
    for (name, value) in [
        ("timestamp", time),
        ("level", level),
        ("message", message),
        ("channel", channel),
    ] {
        members.push(name, value);
    }
    for value in values {
        if let Value::Object(object) = value {
            members.extend_new(Members::of_object(object).into_fields());
        }
    }
    Some(members)
}

/// Splits off the context and the extra fields at the end: objects, or empty lists.
fn split_values(text: &str) -> (&str, Vec<Value>) {
    let text = text.trim_end();
    let starts = text.match_indices([' ']).map(|(at, _)| at);
    let starts = starts.filter(|at| {
        let rest = text.get(at + 1..).unwrap_or_default();
        rest.starts_with("{\"") || rest.starts_with("[]")
    });
    for at in starts.take(MAX_TRIES) {
        let (message, rest) = text.split_at(at);
        let values: Result<Vec<Value>, _> = Deserializer::from_str(rest).into_iter().collect();
        if let Ok(values) = values
            && values.len() <= 2
        {
            return (message, values);
        }
    }
    (text, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_and_the_extra_fields_are_members() {
        for (line, message, order) in [
            (
                r#"[2026-11-29 16:00:00] production.ERROR: card {"x"} declined {"order":1017} []"#,
                r#"card {"x"} declined"#,
                Some(1_017),
            ),
            (
                r#"[2026-11-29T16:00:00.123456+00:00] app.ERROR: declined {"order":1017} {"url":"/a"}"#,
                "declined",
                Some(1_017),
            ),
            (
                r#"[2026-11-29 16:00:00] local.ERROR: declined: again  "#,
                "declined: again",
                None,
            ),
            (
                r#"[2026-11-29 16:00:00] local.ERROR: declined [] []"#,
                "declined",
                None,
            ),
        ] {
            let members = members(line).expect("a line of Monolog");
            assert_eq!(members.text("message"), Some(message), "{line}");
            assert_eq!(members.text("level"), Some("ERROR"));
            assert_eq!(
                members.get("order").and_then(Value::as_i64),
                order,
                "{line}"
            );
        }
        for line in [
            "",
            "[2026-11-29 16:00:00] ERROR: text",
            "[2026-11-29 16:00:00] a b.ERROR: text",
            "[2026-11-29 16:00:00] app.Loud: text",
            "[x] app.ERROR: text",
        ] {
            assert!(members(line).is_none(), "{line}");
        }
    }
}
