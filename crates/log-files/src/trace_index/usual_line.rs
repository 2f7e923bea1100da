use super::{member_value::time, rest_of_line::has_no_key_for_the_time};
use crate::json::plain_length;

/// Returns the time of a line that begins with its time and its level, in either order, as most loggers write it. Returns `None` for other
/// lines, and if a later member could change the time. Then the whole line must be read.
pub(super) fn usual_time(line: &[u8]) -> Option<i64> {
    let (time_value, rest) = start(line)?;
    let is_object = rest.first() == Some(&b',') && rest.trim_ascii_end().last() == Some(&b'}');
    if !(is_object && has_no_key_for_the_time(rest)) {
        return None;
    }
    time(time_value)
}

/// Returns the value of the time, and what follows the first two members.
fn start(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_prefix(b"{")?;
    let Some(after_key) = after_time_key(line) else {
        let (_, rest) = value(after_level_key(line)?)?;
        return value(after_time_key(rest.strip_prefix(b",")?)?);
    };
    let (time, rest) = value(after_key)?;
    let (_, rest) = value(after_level_key(rest.strip_prefix(b",")?)?)?;
    Some((time, rest))
}

#[inline]
fn after_time_key(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(br#""timestamp":"#);
    let rest = rest.or_else(|| text.strip_prefix(br#""time":"#));
    let rest = rest.or_else(|| text.strip_prefix(br#""@timestamp":"#));
    rest.or_else(|| text.strip_prefix(br#""ts":"#))
}

#[inline]
fn after_level_key(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(br#""level":"#);
    let rest = rest.or_else(|| text.strip_prefix(br#""severity":"#));
    let rest = rest.or_else(|| text.strip_prefix(br#""log.level":"#));
    rest.or_else(|| text.strip_prefix(br#""status":"#))
}

/// Returns the value at the start of a text, and what follows it. Returns `None` for a string with an escape, and for another value than a
/// string or a whole number.
#[inline]
fn value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = match text {
        [b'"', inside @ ..] => 2 + length_before_quote(inside)?,
        [b'1'..=b'9', ..] => text.iter().position(|byte| !byte.is_ascii_digit())?,
        _ => return None,
    };
    text.split_at_checked(length)
}

#[inline]
fn length_before_quote(text: &[u8]) -> Option<usize> {
    let mut length = 0;
    for eight in text.as_chunks().0 {
        let plain = plain_length(eight);
        length += plain;
        if plain < eight.len() {
            return (text.get(length) == Some(&b'"')).then_some(length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const NANOS: i64 = 1_795_967_309_000_000_000;

    #[test]
    fn the_usual_lines_are_not_read_whole() {
        for line in [
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":"INFO","message":"m","target":"app","line":7}"#,
            r#"{"@timestamp":"2026-11-29T16:48:29+01:00","log.level":"INFO","message":"the time is up"}"#,
            r#"{"time":"2026-11-29T15:48:29Z","severity":"INFO","message":"m","kind":"time","status":200}"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z","status":"info","message":"m","session":"1","logger":"a"}"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":"INFO","fields":{"message":"m"},"target":"app"}"#,
            r#"{"level":30,"time":1795967309000,"pid":1,"hostname":"a","msg":"m"}"#,
            r#"{"level":"info","ts":"1795967309","msg":"m"}"#,
            "{\"ts\":1795967309,\"level\":\"info\",\"msg\":\"a \\\"b\\\"\"}\r\n",
        ] {
            assert_eq!(usual_time(line.as_bytes()), Some(NANOS), "{line}");
        }
    }

    #[test]
    fn other_lines_are_read_whole() {
        for line in [
            r#"{"timestamp":"2026-11-29T15:48:29Z","message":"m","level":"INFO"}"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":"INFO"}"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":null,"a":1}"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":{"a":1},"a":1}"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":"INFO","a":1"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":"INFO""time":1795967301}"#,
            r#"{"timestamp":"2026-11-29T15:48:29","level":"INFO","a":1}"#,
            r#"{"timestamp":1795967309.25,"level":"INFO","a":1}"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z", "level":"INFO","a":1}"#,
            r#"{ "timestamp":"2026-11-29T15:48:29Z","level":"INFO","a":1}"#,
            r#"{"level":"INFO","level":"INFO","time":1795967309,"a":1}"#,
        ] {
            assert_eq!(usual_time(line.as_bytes()), None, "{line}");
        }
    }
}
