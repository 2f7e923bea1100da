//! The members of a finished line that a target sends apart: time, level, service and ids.

use memchr::memmem;
use std::{ops::Range, sync::LazyLock};

/// Where the values of a line's members stand in it; strings without their quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) time: Option<Range<usize>>,
    pub(super) level: Option<Range<usize>>,
    pub(super) service: Option<Range<usize>>,
    pub(super) trace_id: Option<Range<usize>>,
    pub(super) span_id: Option<Range<usize>>,
    pub(super) flags: Option<Range<usize>>,
}

/// The schema whose names the members have. A name of another schema is a user's field, which decides neither ids nor labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Otel,
    Ecs,
    Gcp,
    Datadog,
    /// Another logger, or a schema whose time or level is renamed: any of the names.
    Any,
}

impl Names {
    /// By the first two keys: each schema of this crate begins a line with its time and its level.
    fn of(first: &[u8], second: &[u8]) -> Self {
        match (first, second) {
            (b"timestamp", b"level") => Self::Otel,
            (b"@timestamp", b"log.level") => Self::Ecs,
            (b"time", b"severity") => Self::Gcp,
            (b"timestamp", b"status") => Self::Datadog,
            _ => Self::Any,
        }
    }
}

impl Found {
    /// Looks through the top level of an object. `None` where the line is none. Not a check that it is valid JSON.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let mut at = skip_space(line, 0);
        if line.get(at) != Some(&b'{') || !line.trim_ascii_end().ends_with(b"}") {
            return None;
        }
        let mut found = Self::default();
        let (mut names, mut first) = (None, None);
        at += 1;
        loop {
            at = skip_space(line, at);
            if line.get(at) != Some(&b'"') {
                return Some(found);
            }
            let key_end = string_end(line, at)?;
            let key = line.get(at + 1..key_end - 1)?;
            if names.is_none()
                && let Some(first) = first.replace(key)
            {
                names = Some(Names::of(first, key));
            }
            at = skip_space(line, key_end);
            if line.get(at) != Some(&b':') {
                return None;
            }
            let start = skip_space(line, at + 1);
            let end = value_end(line, start)?;
            if let Some(slot) = found.slot(names.unwrap_or(Names::Any), key)
                && slot.is_none()
            {
                *slot = inner(line, start, end).map(|value| id_of(key, line, value));
                if found.is_complete(&line[end..]) {
                    return Some(found);
                }
            }
            at = skip_space(line, end);
            if line.get(at) == Some(&b',') {
                at += 1;
            }
        }
    }

    /// The member with this key.
    fn slot(&mut self, names: Names, key: &[u8]) -> Option<&mut Option<Range<usize>>> {
        use Names::{Any, Datadog, Ecs, Gcp, Otel};
        Some(match (key, names) {
            // The first two members of a known schema; of any other, wherever they are.
            (b"timestamp" | b"@timestamp" | b"time", _) => &mut self.time,
            (b"level" | b"log.level" | b"severity" | b"status", _) => &mut self.level,
            // What another logger calls `service` can be anything.
            (b"service.name", Otel | Ecs | Gcp | Any) | (b"service", Datadog) => &mut self.service,
            (b"trace_id", Otel | Datadog | Any)
            | (b"trace.id", Ecs | Any)
            | (b"logging.googleapis.com/trace", Gcp | Any)
            | (b"dd.trace_id", Any) => &mut self.trace_id,
            (b"span_id", Otel | Datadog | Any)
            | (b"span.id", Ecs | Any)
            | (b"logging.googleapis.com/spanId", Gcp | Any)
            | (b"dd.span_id", Any) => &mut self.span_id,
            (b"trace_flags", Otel | Ecs | Datadog | Any) => &mut self.flags,
            _ => return None,
        })
    }

    /// Whether what is behind has no more of it. Many a line names no service: the most of it need not be taken apart then.
    fn is_complete(&self, rest: &[u8]) -> bool {
        self.time.is_some()
            && self.level.is_some()
            && self.trace_id.is_some()
            && self.span_id.is_some()
            && self.flags.is_some()
            && (self.service.is_some() || SERVICE.find(rest).is_none())
    }
}

/// How each key begins that is the service's.
static SERVICE: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(b"\"service"));

/// Google names a trace as a resource, `projects/orders/traces/4bf9…`, of which the id is the last part.
const RESOURCE: &[u8] = b"logging.googleapis.com/trace";

fn id_of(key: &[u8], line: &[u8], value: Range<usize>) -> Range<usize> {
    let behind = |text: &[u8]| text.iter().rposition(|byte| *byte == b'/');
    match line.get(value.clone()).and_then(behind) {
        Some(slash) if key == RESOURCE => value.start + slash + 1..value.end,
        _ => value,
    }
}

/// The value of any other top-level member, as [`Found`] gives its own.
pub(super) fn member<'l>(line: &'l [u8], wanted: &str) -> Option<&'l [u8]> {
    let mut at = skip_space(line, 0) + 1;
    loop {
        at = skip_space(line, at);
        if line.get(at) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(line, at)?;
        let key = line.get(at + 1..key_end - 1)?;
        let start = skip_space(line, skip_space(line, key_end) + 1);
        let end = value_end(line, start)?;
        if key == wanted.as_bytes() {
            return inner(line, start, end).and_then(|range| line.get(range));
        }
        at = skip_space(line, end) + 1;
    }
}

/// The key of the top-level member whose value a range is in.
pub(super) fn key_of<'l>(line: &'l [u8], value: &Range<usize>) -> Option<&'l [u8]> {
    let mut at = skip_space(line, 0) + 1;
    loop {
        at = skip_space(line, at);
        if line.get(at) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(line, at)?;
        let key = line.get(at + 1..key_end - 1)?;
        let start = skip_space(line, skip_space(line, key_end) + 1);
        let end = value_end(line, start)?;
        if value.start < end {
            return (start <= value.start).then_some(key);
        }
        at = skip_space(line, end) + 1;
    }
}

/// A value without the quotes of a string; an object or a list is none.
fn inner(line: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    match line.get(start)? {
        b'"' => Some(start + 1..end - 1),
        b'{' | b'[' => None,
        _ => Some(start..end),
    }
}

fn skip_space(line: &[u8], mut at: usize) -> usize {
    while matches!(line.get(at), Some(b' ' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

/// The index behind the closing quote of the string that begins at `at`.
fn string_end(line: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        // Eight bytes at a time, as long as none of them is of interest.
        while let Some(eight) = line.get(at..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_le_bytes(*eight);
            let hits = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES);
            at += hits.trailing_zeros() as usize / 8;
            if hits != 0 {
                break;
            }
        }
        match line.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

const EACH: u64 = 0x0101_0101_0101_0101;
const QUOTES: u64 = EACH * b'"' as u64;
const BACKSLASHES: u64 = EACH * b'\\' as u64;

/// The highest bit of the first byte that is zero, and perhaps of some behind it; none where no byte is.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word & (EACH << 7)
}

fn value_end(line: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    let mut depth = 0_usize;
    loop {
        match line.get(at)? {
            b'"' => {
                at = string_end(line, at)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b' ' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Option<[Option<&str>; 6]> {
        let found = Found::of(line.as_bytes())?;
        let all = [
            found.time,
            found.level,
            found.service,
            found.trace_id,
            found.span_id,
            found.flags,
        ];
        Some(all.map(|range| range.map(|range| &line[range])))
    }

    #[test]
    fn names_of_another_schema_are_fields_of_the_user() {
        let others = r#""service":"s","service.name":"n","trace_id":"1","span_id":"2","trace.id":"3","span.id":"4","logging.googleapis.com/trace":"p/5","logging.googleapis.com/spanId":"6","dd.trace_id":"7","dd.span_id":"8","trace_flags":"01""#;
        for (begin, expected) in [
            (r#""timestamp":"T","level":"L""#, ["n", "1", "2", "01"]),
            (r#""timestamp":"T","status":"L""#, ["s", "1", "2", "01"]),
            (r#""@timestamp":"T","log.level":"L""#, ["n", "3", "4", "01"]),
            (r#""time":"T","severity":"L""#, ["n", "5", "6", ""]),
            (r#""level":"L","time":"T""#, ["n", "1", "2", "01"]),
        ] {
            let line = format!("{{{begin},{others}}}");
            let found = texts(&line).expect("an object");
            assert_eq!(found[..2], [Some("T"), Some("L")], "{line}");
            let rest: Vec<&str> = found[2..]
                .iter()
                .map(|text| text.unwrap_or_default())
                .collect();
            assert_eq!(rest, expected, "{line}");
        }
        // Nothing of the user's but the service of another logger.
        let fields = r#"{"timestamp":"T","level":"L","time":"5","status":"x","severity":"y","trace.id":"3"}"#;
        let found = texts(fields).expect("an object");
        assert_eq!(found, [Some("T"), Some("L"), None, None, None, None]);
    }

    #[test]
    fn the_key_of_a_value_is_found() {
        let line = r#"{"a":"x","logging.googleapis.com/trace":"projects/a:b/traces/4b", "n" : 1}"#;
        for (value, key) in [
            ("x", "a"),
            ("4b", "logging.googleapis.com/trace"),
            ("1}", "n"),
        ] {
            let start = line.find(value).expect("it is there");
            let found = key_of(line.as_bytes(), &(start..start + 1));
            assert_eq!(found, Some(key.as_bytes()));
        }
    }

    #[test]
    fn an_id_of_google_is_the_last_part_of_its_resource() {
        let line = r#"{"logging.googleapis.com/trace":"projects/p/traces/4b","logging.googleapis.com/spanId":"f0"}"#;
        let found = texts(line).expect("an object");
        assert_eq!((found[3], found[4]), (Some("4b"), Some("f0")));
    }

    #[test]
    fn the_members_of_a_line_are_found_whatever_stands_between() {
        let line = r#"{"timestamp":"T","level":"INFO","message":"a \"level\":\"x\" {","list":[{"level":"y"},"]"],"trace_id":"1","span_id":"2","trace_flags":"01","service.name":"orders"}"#;
        let all = [
            Some("T"),
            Some("INFO"),
            Some("orders"),
            Some("1"),
            Some("2"),
            Some("01"),
        ];
        assert_eq!(texts(line), Some(all));
        let ecs = r#" { "@timestamp" : "T" , "log.level" : "warn", "n": 1, "trace.id":"1" } "#;
        assert_eq!(
            texts(ecs),
            Some([Some("T"), Some("warn"), None, Some("1"), None, None])
        );
        assert_eq!(
            member(line.as_bytes(), "message"),
            Some(&br#"a \"level\":\"x\" {"#[..])
        );
        assert_eq!(member(line.as_bytes(), "list"), None);
        assert_eq!(member(ecs.as_bytes(), "n"), Some(&b"1"[..]));
    }

    #[test]
    fn a_string_ends_at_its_first_quote_that_is_not_escaped_wherever_that_is() {
        for length in 0..20 {
            let plain = "é".repeat(length);
            for escape in ["", r#"\""#, r"\\"] {
                let text = format!(r#""{plain}{escape}{plain}""#);
                let behind = format!(r#"{text},"next""#);
                assert_eq!(
                    string_end(behind.as_bytes(), 0),
                    Some(text.len()),
                    "{behind}"
                );
                assert_eq!(string_end(&text.as_bytes()[..text.len() - 1], 0), None);
            }
        }
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in [
            "",
            "thread 'main' panicked",
            "[1]",
            "\"x\"",
            "{\"a\":",
            "{\"a\":1",
            "{",
            "{\"a",
            "{\"a\"}",
            "null",
        ] {
            assert_eq!(texts(text), None, "{text}");
        }
        assert_eq!(texts("{}"), Some([None; 6]));
    }
}
