//! Ids with their names anywhere in a text: `text [traceId=4bf9… spanId=00f0…]`, `text {"trace_id":"4bf9…"}` or `text trace_id=4bf9… more text`.

use super::{
    super::{
        ids,
        members::key_of,
        names::{self, Meaning},
        object,
    },
    context,
    pairs::{self, Pair},
};
use serde_json::Value;
use std::{borrow::Cow, ops::Range};

/// No more brackets of a text are tried, and no more pairs without brackets.
const MAX_TRIES: usize = 64;

/// Longer names are not of an id.
const MAX_NAME_BYTES: usize = 64;

/// Takes the groups in brackets that consist of pairs, if a trace id is among them. Returns the pairs, and the text without these groups.
pub(super) fn take_groups(text: &str) -> (Vec<Pair>, Cow<'_, str>) {
    let mut found = Vec::new();
    let mut kept = Cow::Borrowed("");
    let mut rest = text;
    let mut from = 0;
    for _ in 0..MAX_TRIES {
        let Some((start, length)) = next_group(rest, from) else {
            break;
        };
        let end = start + length;
        match rest.get(start..end).and_then(pairs_of_group) {
            Some(pairs) => {
                found.extend(pairs);
                kept = joined(&kept, rest.get(..start).unwrap_or_default()).into();
                rest = rest.get(end..).unwrap_or_default();
                from = 0;
            }
            None => from = start + 1,
        }
    }
    match found.is_empty() {
        true => (found, Cow::Borrowed(text)),
        false => (found, joined(&kept, rest).into()),
    }
}

/// Takes the pairs with ids that have no brackets of their own, if a trace id is among them. Returns the pairs, and the text. Several of them side
/// by side, or one at an end of the text, are no words of the text, and are not in it any more.
pub(super) fn take_ids(text: &str) -> (Vec<Pair>, Cow<'_, str>) {
    let runs = runs(text);
    let Some(run) = runs.iter().find(|run| has_trace_id(&run.pairs)) else {
        return (Vec::new(), Cow::Borrowed(text));
    };
    let mut found = run.pairs.clone();
    for pair in runs.iter().flat_map(|run| &run.pairs) {
        let meaning = meaning(&pair.0);
        if !found.iter().any(|(name, _)| meaning == self::meaning(name)) {
            found.push(pair.clone());
        }
    }
    let (before, rest) = text.split_at(run.range.start);
    let after = rest.get(run.range.len()..).unwrap_or_default();
    let is_end = before.trim().is_empty() || after.trim().is_empty();
    let is_apart = before.is_empty() || before.ends_with([' ', '\t']);
    let after = after.strip_prefix([',', ';']).unwrap_or(after);
    let is_apart = is_apart && (after.is_empty() || after.starts_with([' ', '\t']));
    match is_apart && (is_end || run.pairs.len() > 1) {
        true => (found, joined(before, after).into()),
        false => (found, Cow::Borrowed(text)),
    }
}

/// Returns whether the value of a trace id is among some pairs.
pub(super) fn has_trace_id(pairs: &[Pair]) -> bool {
    let mut pairs = pairs.iter();
    pairs.any(|(name, value)| meaning(name) == Some(Meaning::TraceId) && is_id(name, value))
}

fn meaning(name: &str) -> Option<Meaning> {
    names::meaning(&key_of(name)).map(|(meaning, _)| meaning)
}

/// Joins what is before and after something that is taken out. A dash or the like that separated it from both is there once.
fn joined(before: &str, after: &str) -> String {
    let (before, mut after) = (before.trim_end(), after.trim_start());
    if let Some(mark) = ['-', '|', ':']
        .into_iter()
        .find(|mark| before.ends_with(*mark))
    {
        after = after.strip_prefix(mark).unwrap_or(after).trim_start();
    }
    match before.is_empty() || after.is_empty() {
        true => format!("{before}{after}"),
        false => format!("{before} {after}"),
    }
}

/// Returns where the next brackets begin that follow no word, and the length of what they enclose with them.
fn next_group(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let start = at + rest.find(['[', '{', '('])?;
        let is_apart = text
            .get(..start)?
            .ends_with(|c: char| c.is_whitespace() || matches!(c, ']' | '}' | ')' | '|' | ','));
        if (start == 0 || is_apart)
            && let Some(length) = pairs::length_of_brackets(text.get(start..)?)
        {
            return Some((start, length));
        }
        at = start + 1;
    }
}

/// Returns the pairs of a group, if it has nothing else and a trace id is among them.
fn pairs_of_group(group: &str) -> Option<Vec<Pair>> {
    let of_object = || {
        let object = group.starts_with("{\"").then(|| object::whole(group))??;
        let members = object.into_fields().into_iter();
        let text = |value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Some(members.map(|(name, value)| (name, text(value))).collect())
    };
    let inside = group.get(1..group.len().checked_sub(1)?)?;
    let found: Vec<Pair> = of_object().or_else(|| all(inside))?;
    context::has_trace(&found).then_some(found)
}

/// Returns the pairs of which a text consists, with spaces, commas or semicolons between them.
fn all(text: &str) -> Option<Vec<Pair>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = name_at_start(rest)?;
        let (value, after) = value_at_start(after, |c| matches!(c, ' ' | ',' | ';'))?;
        found.push((name.to_owned(), value));
        rest = after.trim_start_matches([' ', ',', ';']);
    }
    (found.len() <= pairs::MAX_PAIRS).then_some(found)
}

fn is_part_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '@' | '/')
}

/// Splits off a name, which can have quotes, and what follows it before the value.
fn name_at_start(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let text = quote.map_or(Some(text), |quote| text.strip_prefix(quote))?;
    let (name, rest) = text.split_at(text.find(|c| !is_part_of_name(c))?);
    let rest = quote.map_or(Some(rest), |quote| rest.strip_prefix(quote))?;
    let is_name = name.starts_with(|c: char| !c.is_ascii_digit());
    is_name.then_some((name, after_mark(rest)?))
}

/// Returns what follows the mark between a name and its value.
fn after_mark(text: &str) -> Option<&str> {
    text.strip_prefix('=').or_else(|| {
        let rest = text.strip_prefix(':')?;
        Some(rest.strip_prefix(' ').unwrap_or(rest))
    })
}

/// Splits off a value, which can have quotes.
fn value_at_start(text: &str, is_end: impl Fn(char) -> bool) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return pairs::quoted(text);
    }
    if let Some(text) = text.strip_prefix('\'') {
        let (value, rest) = text.split_once('\'')?;
        return Some((value.to_owned(), rest));
    }
    let (value, rest) = text.split_at(text.find(is_end).unwrap_or(text.len()));
    Some((value.to_owned(), rest))
}

/// Pairs side by side.
struct Run {
    range: Range<usize>,
    pairs: Vec<Pair>,
}

/// Returns the pairs of a text that have ids or belong to them.
fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, _) in text.match_indices(['=', ':']) {
        let end = runs.last().map_or(0, |run| run.range.end);
        let Some((range, pair)) = pair_around(text, at).filter(|(range, _)| range.start >= end)
        else {
            continue;
        };
        let gap = text.get(end..range.start).unwrap_or_default();
        let is_next = gap.chars().all(|c| matches!(c, ' ' | ',' | ';'));
        match runs.last_mut().filter(|_| is_next) {
            Some(run) => {
                run.range.end = range.end;
                run.pairs.push(pair);
            }
            // A service or a flag in a text belongs to no id.
            None if is_id(&pair.0, &pair.1) => runs.push(Run {
                range,
                pairs: vec![pair],
            }),
            None => {}
        }
        let number: usize = runs.iter().map(|run| run.pairs.len()).sum();
        if number == MAX_TRIES {
            break;
        }
    }
    runs
}

/// Returns the pair with a mark at a place, if its name is that of an id or belongs to ids.
fn pair_around(text: &str, mark: usize) -> Option<(Range<usize>, Pair)> {
    let (before, rest) = text.split_at(mark);
    let quote = before
        .chars()
        .next_back()
        .filter(|c| matches!(c, '"' | '\''));
    let before = quote.map_or(Some(before), |quote| before.strip_suffix(quote))?;
    let others = before.trim_end_matches(is_part_of_name);
    let name = before.get(others.len()..)?;
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return None;
    }
    let meaning = meaning(name);
    let belongs = match meaning {
        Some(Meaning::TraceId | Meaning::SpanId | Meaning::ParentSpanId | Meaning::Service) => true,
        _ => context::is_flag(name),
    };
    let start = match quote {
        Some(quote) => others.strip_suffix(quote)?.len(),
        None => others.len(),
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '_');
    let is_part = |c: char| is_part(c) || (meaning == Some(Meaning::Service) && c == '.');
    let (value, after) = value_at_start(after_mark(rest)?, |c| !is_part(c))?;
    let must_be_id = matches!(meaning, Some(Meaning::TraceId | Meaning::SpanId));
    if !belongs || (must_be_id && !is_id(name, &value)) {
        return None;
    }
    Some((start..text.len() - after.len(), (name.to_owned(), value)))
}

/// Returns whether a name and its value are a trace id or a span id.
fn is_id(name: &str, value: &str) -> bool {
    let digits = names::digits(&key_of(name));
    let value = Value::from(value);
    match meaning(name) {
        Some(Meaning::TraceId) => ids::trace_id(&value, digits).is_some(),
        Some(Meaning::SpanId) => ids::span_id(&value, digits).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    /// The names and values, and the text.
    fn found(taken: (Vec<Pair>, Cow<'_, str>)) -> (String, String) {
        let pairs = taken
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let pairs = pairs.collect::<Vec<_>>().join(" ");
        let pairs = pairs.replace(TRACE, "TRACE").replace(SPAN, "SPAN");
        let text = taken.1.replace(TRACE, "TRACE").replace(SPAN, "SPAN");
        (pairs, text)
    }

    fn filled(text: &str) -> String {
        text.replace("TRACE", TRACE).replace("SPAN", SPAN)
    }

    #[test]
    fn groups_with_a_trace_id_are_taken_wherever_they_are() {
        for (text, pairs, rest) in [
            (
                "boom [traceId=TRACE spanId=SPAN]",
                "traceId=TRACE spanId=SPAN",
                "boom",
            ),
            (
                "boom {trace_id: TRACE; n: 5} x",
                "trace_id=TRACE n=5",
                "boom x",
            ),
            ("(traceId=TRACE) boom", "traceId=TRACE", "boom"),
            (
                r#"boom {"trace_id":"TRACE","n":{"m":5}}"#,
                "trace_id=TRACE n.m=5",
                "boom",
            ),
            ("boom {'trace_id': 'TRACE'}", "trace_id=TRACE", "boom"),
            (
                " - [trace_id=TRACE a=] - boom",
                "trace_id=TRACE a=",
                "- boom",
            ),
            ("[a] [trace_id=0] b (c=1)", "trace_id=0", "[a] b (c=1)"),
            ("[x [traceId=TRACE] y] b", "traceId=TRACE", "[x y] b"),
            ("f(trace_id=TRACE)", "", "f(trace_id=TRACE)"),
            ("[order=5] b", "", "[order=5] b"),
            ("[main, traceId=TRACE] b", "", "[main, traceId=TRACE] b"),
            ("a [trace_id=TRACE", "", "a [trace_id=TRACE"),
            ("[é", "", "[é"),
        ] {
            let text = filled(text);
            let expected = (pairs.to_owned(), rest.to_owned());
            assert_eq!(found(take_groups(&text)), expected, "{text}");
        }
    }

    #[test]
    fn ids_without_brackets_are_found_and_several_or_those_at_an_end_are_taken() {
        for (text, pairs, rest) in [
            ("a trace_id=TRACE b", "trace_id=TRACE", "a trace_id=TRACE b"),
            ("a trace_id=TRACE", "trace_id=TRACE", "a"),
            ("trace_id: TRACE b", "trace_id=TRACE", "b"),
            (
                "a traceId=TRACE, parentId=, spanId=SPAN, sampled=true b",
                "traceId=TRACE parentId= spanId=SPAN sampled=true",
                "a b",
            ),
            (
                "a trace_id=TRACE; service.name=shop.eu, b",
                "trace_id=TRACE service.name=shop.eu",
                "a b",
            ),
            (
                "[main, traceId=TRACE, spanId=SPAN] b",
                "traceId=TRACE spanId=SPAN",
                "[main, traceId=TRACE, spanId=SPAN] b",
            ),
            (
                r#"a "trace_id":"TRACE" b span_id='SPAN' c"#,
                "trace_id=TRACE span_id=SPAN",
                r#"a "trace_id":"TRACE" b span_id='SPAN' c"#,
            ),
            ("a trace_id=TRACE.", "trace_id=TRACE", "a trace_id=TRACE."),
            ("service=shop is down", "", "service=shop is down"),
            ("trace: none", "", "trace: none"),
            ("xtrace_id=TRACE", "", "xtrace_id=TRACE"),
            ("span_id=SPAN b", "", "span_id=SPAN b"),
        ] {
            let text = filled(text);
            let expected = (pairs.to_owned(), rest.to_owned());
            assert_eq!(found(take_ids(&text)), expected, "{text}");
        }
    }
}
