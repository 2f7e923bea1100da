//! Cuts lines that are longer than the server accepts.

use serde_json::{Map, Value};

/// Returns a line of at most about `limit` bytes. A JSON line stays valid JSON: its longest strings are cut, and it gets
/// `"truncated":true`.
pub(super) fn cut_line(line: &[u8], is_json: bool, limit: usize) -> Vec<u8> {
    if is_json && let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(line) {
        members.insert("truncated".to_owned(), Value::Bool(true));
        // Each round shortens the longest member by the excess. Few members are long, so few rounds are needed.
        for _ in 0..64 {
            let text = serde_json::to_vec(&members).unwrap_or_default();
            let Some(excess) = text.len().checked_sub(limit).filter(|excess| *excess > 0) else {
                return text;
            };
            shorten_longest(&mut members, excess);
        }
    }
    let text = String::from_utf8_lossy(line);
    let end = (0..=limit.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(0)].as_bytes().to_vec()
}

fn shorten_longest(members: &mut Map<String, Value>, excess: usize) {
    let length = |value: &Value| value.to_string().len();
    let Some((key, _)) = members.iter().max_by_key(|(_, value)| length(value)) else {
        return;
    };
    let key = key.clone();
    match members.get_mut(&key) {
        // A byte of the string takes one to six bytes in JSON, since it may be escaped.
        Some(Value::String(text)) if text.len() > 64 => {
            let keep = text
                .len()
                .saturating_sub(excess)
                .max(text.len() / 2)
                .max(64)
                .min(text.len() - 1);
            let end = (0..=keep)
                .rev()
                .find(|end| text.is_char_boundary(*end))
                .unwrap_or(0);
            text.truncate(end);
        }
        _ => {
            members.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use log_files::LineReader;

    #[test]
    fn a_cut_line_is_valid_json_and_not_shorter_than_necessary() {
        for value in ["x".repeat(5_000), "é\u{1}\"".repeat(2_000)] {
            let line = serde_json::json!({ "level": "INFO", "message": value, "trace_id": "4bf9", "list": [1, 2], "n": 5 }).to_string();
            for limit in [1_024, 2_000, 4_000] {
                let short = cut_line(line.as_bytes(), true, limit);
                assert!(
                    short.len() <= limit && short.len() > limit / 4,
                    "{} of {limit}",
                    short.len()
                );
                let read: Value = serde_json::from_slice(&short).expect("the line is JSON");
                assert_eq!(read["truncated"], true);
                assert_eq!(read["trace_id"], "4bf9");
                assert!(
                    value.starts_with(read["message"].as_str().expect("the message is a string"))
                );
                assert!(LineReader::default().locate(&short).is_some());
            }
        }
        let nested = serde_json::json!({ "a": vec!["x".repeat(100); 100], "b": 1 }).to_string();
        let short = cut_line(nested.as_bytes(), true, 1_024);
        assert_eq!(
            serde_json::from_slice::<Value>(&short).expect("the line is JSON")["b"],
            1
        );
        assert_eq!(
            cut_line("é".repeat(1_000).as_bytes(), false, 1_025).len(),
            1_024
        );
    }
}
