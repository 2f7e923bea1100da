//! A search for keys that does not depend on where the members of an object begin and end: a key is always after a quote, so the search
//! compares what follows each quote with the names that it looks for. This takes a fifth of the instructions that finding the members takes.

use super::root_key::{RootKey, begins_a_name};
use crate::json::string_end;

/// So many bytes are compared at once. The compiler uses the wide registers of the processor for this.
const WIDTH: usize = 32;

/// Whether no key in what follows a member changes which time the line has, at any depth. The line has a level before it, with one of the usual
/// keys. The text begins with a comma, and its last byte that is not a space is a brace.
pub(super) fn has_no_key_for_the_time(text: &[u8]) -> bool {
    let Some(last) = text.len().checked_sub(WIDTH + 2) else {
        return is_harmless_end(text);
    };
    let mut at = 0;
    loop {
        // The last block is as long as the others, so some bytes are compared twice.
        at = last.min(at);
        let Some(marks) = marks(text, at) else {
            return false;
        };
        for (index, word) in marks.as_chunks().0.iter().enumerate() {
            let mut word = u64::from_le_bytes(*word);
            while word != 0 {
                let start = at + index * 8 + word.trailing_zeros() as usize / 8 + 2;
                if !is_harmless(text, start) {
                    return false;
                }
                word &= word - 1;
            }
        }
        if at == last {
            return true;
        }
        at += WIDTH;
    }
}

/// A 1 for each byte before a quote with which a key can begin.
#[inline]
fn marks(text: &[u8], at: usize) -> Option<[u8; WIDTH]> {
    let before: &[u8; WIDTH] = text.get(at..)?.first_chunk()?;
    let bytes: &[u8; WIDTH] = text.get(at + 1..)?.first_chunk()?;
    let after: &[u8; WIDTH] = text.get(at + 2..)?.first_chunk()?;
    let mut marks = [0; WIDTH];
    for (((mark, before), byte), after) in marks.iter_mut().zip(before).zip(bytes).zip(after) {
        *mark = u8::from(can_begin_key(*before, *byte, *after));
    }
    Some(marks)
}

/// Whether a key can begin with this byte, between two others. A string after a colon is a value. Names begin with one of the letters from `f`
/// on, `@`, or what can be before or stand for it: `_`, `-` and a backslash.
#[inline]
fn can_begin_key(before: u8, byte: u8, after: u8) -> bool {
    let is_letter = (after | 0x20).cast_signed() >= b'f'.cast_signed();
    (byte == b'"') & (before != b':') & (is_letter | (after == b'-') | (after == b'@'))
}

/// As [`has_no_key_for_the_time`], for a text that is too short for a block.
fn is_harmless_end(text: &[u8]) -> bool {
    let mut threes = text.windows(3).enumerate();
    threes.all(|(at, three)| match three {
        [before, byte, after] => {
            !can_begin_key(*before, *byte, *after) || is_harmless(text, at + 2)
        }
        _ => true,
    })
}

/// Whether what begins at an index, after a quote, is no key that can change the time.
#[inline]
fn is_harmless(text: &[u8], start: usize) -> bool {
    let rest = text.get(start..).unwrap_or_default();
    let first = rest.first_chunk();
    if first.is_none_or(|first| !begins_a_name(*first)) {
        return true;
    }
    // The most frequent ones.
    let is_status =
        || rest.starts_with(b"status\":") && rest.get(8).is_some_and(u8::is_ascii_digit);
    rest.starts_with(b"message\"") || is_status() || is_harmless_name(text, start)
}

#[inline(never)]
fn is_harmless_name(text: &[u8], start: usize) -> bool {
    let Some(end) = string_end(text, start - 1) else {
        return false;
    };
    let key = RootKey::of(text.get(start..end - 1).unwrap_or_default());
    match (key, text.get(end..).unwrap_or_default()) {
        // The level is known, and the names in an object of fields are compared as any others.
        (RootKey::Message | RootKey::Fields | RootKey::Other, _) => true,
        // No colon follows, so it is no key.
        (_, [b',' | b'}' | b']', ..]) => true,
        // An object would replace the level before it, if that has the same key.
        (RootKey::Level, [b':', value, ..]) => matches!(value, b'"' | b'0'..=b'9'),
        (RootKey::Stored, [b':', value, ..]) => !matches!(value, b'"' | b' ' | b'\t' | b'\r'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members that change the time, or that a reader may find in a damaged line.
    const CHANGING: [&str; 25] = [
        r#""time":1"#,
        r#""ts":1"#,
        r#""TS":1"#,
        r#""t_s":1"#,
        r#""_t-s":1"#,
        r#""ts_":1"#,
        r#""@timestamp" : 1"#,
        r#""-time":1"#,
        r#""tim_e":1"#,
        r#""ti_me":1"#,
        r#""log_":"x""#,
        r#""\u0074ime":1"#,
        r#""tim\u0065":1"#,
        r#""log":"x""#,
        r#""log": "x""#,
        r#""l_og":"x""#,
        r#""line":"x""#,
        r#""instant":1"#,
        r#""instant.epochSecond":1"#,
        r#""fields.time":1"#,
        r#""kvs.a":1"#,
        r#""msec":1"#,
        r#""Scopes":1"#,
        r#""level":{"a":1}"#,
        r#""level": {"a":1}"#,
    ];

    #[test]
    fn a_key_can_begin_with_each_first_letter_of_a_name() {
        for first in 0..=u8::MAX {
            // After a byte that does not count, any letter can follow.
            if begins_a_name([first, b'_', b'x', b'x']) {
                assert!(can_begin_key(b',', b'"', first), "{}", char::from(first));
            }
        }
    }

    #[test]
    fn a_key_that_changes_the_time_is_found_at_each_place() {
        for key in CHANGING {
            for length in 0..100 {
                let before = "x".repeat(length);
                for after in [String::new(), "y".repeat(WIDTH), "y".repeat(100)] {
                    for text in [
                        format!(",\"a\":\"{before}\",{key},\"b\":\"{after}\"}}"),
                        format!(",\"a\":\"{before}\" {key}}}"),
                        format!(",\"{before}\":{{}}{key}}}"),
                        format!(",\"{before}\":[]{key}}}"),
                        format!(",\"a\":\"{before}\"{key}}}{after}}}"),
                        format!(",\"{before}\":{{{key}}},\"{after}\":1}}"),
                        format!(",{key},\"{before}\":1}}"),
                    ] {
                        assert!(!has_no_key_for_the_time(text.as_bytes()), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn other_keys_and_texts_are_harmless_at_each_place() {
        for member in [
            r#""message":"m""#,
            r#""message":"time""#,
            r#""status":200"#,
            r#""status":"ok""#,
            r#""line":7"#,
            r#""log":{"level":"x"}"#,
            r#""fields":{"a":1}"#,
            r#""Level":"INFO""#,
            r#""a":["time","log"]"#,
            r#""times":1"#,
            r#""trace_id":"4b""#,
            r#""a":"time","b":"log""#,
        ] {
            for length in 0..100 {
                let before = "x".repeat(length);
                for text in [
                    format!(",\"a\":\"{before}\",{member}}}"),
                    format!(",{member},\"a\":\"{before}\"}}\r\n"),
                ] {
                    assert!(has_no_key_for_the_time(text.as_bytes()), "{text}");
                }
            }
        }
    }
}
