//! Cuts lines that are longer than the server accepts.

use super::batch::Line;
use log_files::{
    Located, TextRange,
    json::{self, Cut, Entry},
};

/// The longest value that is never cut. Time, level and ids are shorter, so together they fit into the smallest limit.
const MAX_PROTECTED_BYTES: usize = 128;

/// The key that says that a line was cut.
const MARKER: &[u8] = b"truncated";

/// Cuts the text of a line to at most `limit` bytes. A JSON object is cut as [`cut_object`] does.
pub(super) fn cut_line(line: Line<'_>, text: &str, limit: usize) -> Vec<u8> {
    let object = line.is_json().then(|| cut_object(line, text, limit));
    object
        .flatten()
        .unwrap_or_else(|| beginning(text, limit).as_bytes().to_vec())
}

/// Cuts an object that was made from a line to at most `limit` bytes. It stays valid JSON and gets `"truncated":true`. Time, level and ids
/// stay whole, and message and service are removed last. Returns `None` if the text is not one object.
pub(super) fn cut_object(line: Line<'_>, object: &str, limit: usize) -> Option<Vec<u8>> {
    let protected = Protected::of(line);
    json::cut(object.as_bytes(), limit, MARKER, |_, entry| {
        protected.when(object, entry)
    })
}

/// Returns as many characters from the beginning as fit into `limit` bytes.
pub(super) fn beginning(text: &str, limit: usize) -> &str {
    let fits = |end: &usize| text.is_char_boundary(*end);
    let end = (0..=limit.min(text.len())).rev().find(fits);
    &text[..end.unwrap_or(0)]
}

/// The keys of a document that Elasticsearch gets for text, or for a line with another key for its time.
const ADDED: [&str; 2] = ["@timestamp", "message"];

/// The keys of the members that are cut last or never.
struct Protected<'l> {
    never: [Option<&'l str>; 7],
    last: [Option<&'l str>; 3],
}

impl<'l> Protected<'l> {
    fn of(line: Line<'l>) -> Self {
        type Pick = fn(&Located) -> Option<TextRange>;
        let never: [Pick; 6] = [
            |located| located.time,
            |located| located.level,
            |located| located.trace_id,
            |located| located.span_id,
            |located| located.trace_flags,
            |located| located.record_uid,
        ];
        let last: [Pick; 2] = [|located| located.message, |located| located.service];
        let [time, level, trace_id, span_id, trace_flags, record_uid] =
            never.map(|pick| line.key(pick));
        let [message, service] = last.map(|pick| line.key(pick));
        let [added_time, added_message] = ADDED.map(Some);
        Self {
            never: [
                time,
                level,
                trace_id,
                span_id,
                trace_flags,
                record_uid,
                added_time,
            ],
            last: [message, service, added_message],
        }
    }

    fn when(&self, text: &str, entry: &Entry) -> Cut {
        let key = text.get(entry.key.clone());
        if self.never.contains(&key) && entry.value.len() <= MAX_PROTECTED_BYTES {
            Cut::Never
        } else if self.last.contains(&key) {
            Cut::Last
        } else {
            Cut::First
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Batch;
    use serde_json::{Value, json};

    fn cut_text(text: &str, limit: usize) -> Vec<u8> {
        let batch = Batch::of_text(text);
        cut_line(batch.line(0).expect("the batch has a line"), text, limit)
    }

    #[test]
    fn a_cut_line_is_valid_json_and_not_shorter_than_necessary() {
        for value in ["x".repeat(5_000), "é\u{1}\"".repeat(2_000)] {
            let line = json!({ "level": "INFO", "message": value, "trace_id": "4bf9", "list": [1, 2], "n": 5 }).to_string();
            for limit in [1_024, 2_000, 4_000] {
                let short = cut_text(&line, limit);
                assert!(
                    short.len() <= limit && short.len() > limit - 8,
                    "{} of {limit}",
                    short.len()
                );
                let read: Value = serde_json::from_slice(&short).expect("the line is JSON");
                assert_eq!(read["truncated"], true);
                assert_eq!(
                    (&read["trace_id"], &read["list"], &read["n"]),
                    (&json!("4bf9"), &json!([1, 2]), &json!(5))
                );
                assert!(
                    value.starts_with(read["message"].as_str().expect("the message is a string"))
                );
            }
        }
    }

    #[test]
    fn time_level_ids_and_message_of_any_logger_outlive_its_other_members() {
        let members: Vec<String> = (0..500).map(|n| format!("\"m{n}\":{n}")).collect();
        let line = format!(
            r#"{{{},"@timestamp":"2026-11-29T10:00:00Z","message":{{"a":1}},"level":"INFO","dd.trace_id":"4b"}}"#,
            members.join(",")
        );
        let read: Value =
            serde_json::from_slice(&cut_text(&line, 1_024)).expect("the line is JSON");
        for key in ["@timestamp", "message", "level", "dd.trace_id"] {
            assert!(read.get(key).is_some(), "{key} in {read}");
        }
    }

    #[test]
    fn text_that_only_begins_like_an_object_is_cut_as_text() {
        for text in [
            "é".repeat(1_000),
            format!("{{\"a\":1}} {}}}", "é".repeat(1_000)),
        ] {
            let short = cut_text(&text, 1_025);
            assert!(text.as_bytes().starts_with(&short) && short.len() > 1_023);
            assert!(std::str::from_utf8(&short).is_ok());
        }
    }
}
