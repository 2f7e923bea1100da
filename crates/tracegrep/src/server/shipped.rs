//! Documents that traceship has made of lines.

use crate::search::Entry;
use serde_json::{Map, Value};

/// Returns the line of a document. What traceship has added at its beginning is removed again, so that the line is as it is in its file, and
/// its time has all its digits: the stream of a container, and a time in whole milliseconds for a line without `@timestamp`. Any other
/// document is the line itself.
pub(super) fn line(document: String) -> Entry {
    match without_additions(&document) {
        Some((rest, millis)) => Entry {
            text: message_alone(&rest).unwrap_or(rest).into_bytes(),
            time: millis.checked_mul(1_000_000),
            service: None,
        },
        None => Entry {
            text: document.into_bytes(),
            ..Entry::default()
        },
    }
}

/// Returns the object without the members that were added, and the time in milliseconds.
fn without_additions(document: &str) -> Option<(String, i64)> {
    let mut rest = document.strip_prefix('{')?;
    if let Some(stream) = rest.strip_prefix("\"log.iostream\":\"") {
        rest = stream.split_once("\",")?.1;
    }
    let rest = rest.strip_prefix("\"@timestamp\":")?;
    let end = rest.find([',', '}'])?;
    let (millis, rest) = rest.split_at(end);
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    Some((format!("{{{rest}"), millis.parse().ok()?))
}

/// Returns the text of a line that is not JSON: it is the only member.
fn message_alone(object: &str) -> Option<String> {
    // Other objects are not parsed.
    object.strip_prefix("{\"message\":")?;
    let mut members: Map<String, Value> = serde_json::from_str(object).ok()?;
    match (members.len(), members.remove("message")) {
        (1, Some(Value::String(text))) if !text.starts_with('{') => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_line_is_as_it_is_in_its_file() {
        for (document, text, time) in [
            (
                r#"{"@timestamp":1000000001500,"timestamp":"2001-09-09T01:46:41.5001Z","n": 1}"#,
                r#"{"timestamp":"2001-09-09T01:46:41.5001Z","n": 1}"#,
                Some(1_000_000_001_500_000_000),
            ),
            (
                r#"{"log.iostream":"stderr","@timestamp":5,"message":"thread 'main' \"panicked\""}"#,
                r#"thread 'main' "panicked""#,
                Some(5_000_000),
            ),
            (r#"{"@timestamp":5}"#, "{}", Some(5_000_000)),
        ] {
            let entry = line(document.to_owned());
            assert_eq!(String::from_utf8_lossy(&entry.text), text);
            assert_eq!(entry.time, time);
        }
    }

    #[test]
    fn a_document_of_others_is_the_line() {
        for document in [
            r#"{"@timestamp":"2026-11-29T16:00:00Z","message":"x"}"#,
            r#"{"message":"x"}"#,
            r#"{"log.iostream":"stdout","message":"x"}"#,
            "{}",
        ] {
            let entry = line(document.to_owned());
            assert_eq!(String::from_utf8_lossy(&entry.text), document);
            assert_eq!(entry.time, None);
        }
    }
}
