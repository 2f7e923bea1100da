//! The spans that tracing-subscriber writes before an event: `outer{a=1}:inner{b="x"}: app::db: text`.

use super::pairs::{self, Until};
use serde_json::{Map, Value};

/// More spans than this are text.
const MAX_SPANS: usize = 32;

/// Splits the spans off a text. Each is an object with its name and its fields. Spans without fields cannot be distinguished from targets, except
/// between others.
pub(super) fn split(text: &str) -> (Vec<Value>, &str) {
    let mut spans = Vec::new();
    let mut rest = text.trim_start();
    while spans.len() < MAX_SPANS
        && let Some((span, after)) = first(rest)
    {
        spans.extend(span);
        rest = after;
        if rest.starts_with(' ') {
            break;
        }
    }
    match spans.is_empty() {
        true => (spans, text),
        false => (spans, rest.trim_start()),
    }
}

/// Splits off the first span with fields, and the spans without fields before it.
fn first(text: &str) -> Option<(Vec<Value>, &str)> {
    let start = text.find('{')?;
    let (names, fields) = text.split_at(start);
    // A text with an object in it has other things before the brace.
    if names.is_empty() || names.contains(": ") || names.contains(['=', '"', '[']) {
        return None;
    }
    let (fields, rest) = fields.split_at(pairs::length_of_brackets(fields)?);
    let rest = rest.strip_prefix(':')?;
    let fields = fields.strip_prefix('{')?.strip_suffix('}')?;
    let mut names = names.split(':').filter(|name| !name.is_empty());
    let last = names.next_back()?;
    let mut span = Map::new();
    for (name, value) in pairs::all(fields, Until::Pair)? {
        span.insert(name, Value::String(value));
    }
    span.insert("name".to_owned(), last.into());
    let mut spans: Vec<Value> = names
        .map(|name| Map::from_iter([("name".to_owned(), name.into())]).into())
        .collect();
    spans.push(span.into());
    Some((spans, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn spans_have_names_and_fields() {
        let text = r#" GET /checkout{trace_id=4b}:query:db{sql="a: {b}" n=1}: app::db: text {x}"#;
        let spans = vec![
            json!({"trace_id": "4b", "name": "GET /checkout"}),
            json!({"name": "query"}),
            json!({"sql": "a: {b}", "n": "1", "name": "db"}),
        ];
        assert_eq!(split(text), (spans, "app::db: text {x}"));
    }

    #[test]
    fn other_braces_are_text() {
        for text in [
            "app: text {a=1}: b",
            "text {a=1} b",
            "text {'id': 8}",
            "{a=1}: b",
            "a{b=1",
            "a{",
        ] {
            assert_eq!(split(text), (Vec::new(), text), "{text}");
        }
    }
}
