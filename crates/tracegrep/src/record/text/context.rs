//! Ids with their names before the message: `trace_id: 4bf9… span_id: 00f0… - text`, or `traceId=4bf9…, spanId=00f0… text`.

use super::{
    super::{
        members::key_of,
        names::{self, Meaning},
    },
    pairs::Pair,
};

/// Splits off the ids with which a text begins, if a trace id is among them.
pub(super) fn split(text: &str) -> (Vec<Pair>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((pair, after)) = first(rest.trim_start_matches([' ', ','])) {
        found.push(pair);
        rest = after;
    }
    match has_trace(&found) {
        true => (found, rest.trim_start()),
        false => (Vec::new(), text),
    }
}

/// Returns whether a trace id is among some pairs.
pub(super) fn has_trace(pairs: &[Pair]) -> bool {
    pairs
        .iter()
        .any(|(name, _)| is_meaning(name, &[Meaning::TraceId]))
}

/// Splits off a name and its value, which can be empty.
fn first(text: &str) -> Option<(Pair, &str)> {
    let end = text.find([':', '=', ' '])?;
    let (name, rest) = text.split_at(end);
    let value = match rest.strip_prefix('=') {
        Some(value) => value,
        None => {
            let value = rest.strip_prefix(':')?;
            value.strip_prefix(' ').unwrap_or(value)
        }
    };
    let is_id = is_meaning(
        name,
        &[Meaning::TraceId, Meaning::SpanId, Meaning::ParentSpanId],
    );
    if !(is_id || is_flag(name)) {
        return None;
    }
    let end = value.find([' ', ',']).unwrap_or(value.len());
    let (value, rest) = value.split_at(end);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let pair = (name.to_owned(), value.to_owned());
    value.chars().all(is_part).then_some((pair, rest))
}

/// Returns whether a name is that of the flags of a trace.
pub(super) fn is_flag(name: &str) -> bool {
    ["traceflags", "tracesampled", "sampled"].contains(&&*key_of(name))
}

fn is_meaning(name: &str, meanings: &[Meaning]) -> bool {
    names::meaning(&key_of(name)).is_some_and(|(meaning, _)| meanings.contains(&meaning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_before_a_text_are_split_off() {
        for (text, number, rest) in [
            (
                "trace_id: 4b span_id: 0f trace_flags: 01 - text",
                3,
                "- text",
            ),
            ("trace_id:  span_id:  trace_flags:  - text", 3, "- text"),
            (
                "traceId=4b, parentId=, spanId=0f, sampled=true [a] text",
                4,
                "[a] text",
            ),
            ("traceId:4b spanId:0f", 2, ""),
            ("trace_id=4b user=5", 1, "user=5"),
            ("span_id=0f text", 0, "span_id=0f text"),
            (" card: declined", 0, " card: declined"),
            ("trace_id=(none) text", 0, "trace_id=(none) text"),
        ] {
            let (pairs, after) = split(text);
            assert_eq!((pairs.len(), after), (number, rest), "{text}");
        }
    }
}
