//! Parts of a text that are encoded: percent-encoded, as in a URL, or letters that are escaped, as in JSON.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::ops::Range;

/// What is encoded again after a secret was replaced.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b'/')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?');

/// Returns whether a text may have encoded parts.
pub(super) fn may_be_encoded(text: &[u8]) -> bool {
    text.windows(6).any(is_escape)
        || text.windows(3).any(is_percent)
        || text.contains(&b'+') && text.contains(&b'=')
}

/// Returns whether this is the escape of a character of Latin script.
fn is_escape(window: &[u8]) -> bool {
    matches!(
        window,
        [
            b'\\',
            b'u',
            b'0',
            b'0',
            b'2'..=b'7' | b'a'..=b'f' | b'A'..=b'F',
            _,
        ]
    )
}

fn is_percent(window: &[u8]) -> bool {
    matches!(window, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// Returns the text with JSON's shortest escapes, if there are longer ones. It says the same: in JSON, `\u0070` is the letter `p`.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices("\\u00") {
        let end = at + "\\u0000".len();
        let code = text.get(end - 2..end);
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        let before = text.get(copied..=at).unwrap_or_default();
        // The backslash may be escaped too.
        let letters = before.trim_end_matches('\\');
        let is_escaped = (before.len() - letters.len()).is_multiple_of(2);
        let (before, character) = match code {
            Some(b'\n') => (before, 'n'),
            Some(b'\r') => (before, 'r'),
            Some(b'\t') => (before, 't'),
            Some(sign @ (b'"' | b'\\')) if !is_escaped => (before, char::from(sign)),
            Some(b'"' | b'\\') => continue,
            Some(letter @ (b' '..=b'~' | 0xa0..)) => (letters, char::from(letter)),
            _ => continue,
        };
        out.push_str(before);
        out.push(character);
        copied = end;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..)?);
    Some(out)
}

/// Returns the text with the secrets in the percent-encoded parts of its URLs replaced. `redact` does so in a text that is decoded.
pub(super) fn redact(text: &str, redact: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    for part in parts(text) {
        let encoded = &text[part.range.clone()];
        let has_spaces = part.is_parameter && encoded.contains('+');
        if !has_spaces && !encoded.as_bytes().windows(3).any(is_percent) {
            continue;
        }
        let spaced = has_spaces.then(|| encoded.replace('+', " "));
        let decoded = percent_decode_str(spaced.as_deref().unwrap_or(encoded)).decode_utf8_lossy();
        if let Some(redacted) = redact(&decoded) {
            out.push_str(&text[copied..part.range.start]);
            out.extend(utf8_percent_encode(&redacted, RESERVED));
            copied = part.range.end;
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

/// A part of a text that is encoded by itself, if it is.
struct Part {
    range: Range<usize>,
    /// Whether it is the value of a parameter, in which `+` is a space.
    is_parameter: bool,
}

/// Returns the values of parameters and the segments of paths in a text.
fn parts(text: &str) -> impl Iterator<Item = Part> {
    let mut start = 0;
    let mut follows_parameter = true;
    text.split_inclusive(ends_url).flat_map(move |url| {
        let is_last = !url.ends_with('&');
        let is_parameter = follows_parameter || !is_last;
        follows_parameter = !is_last;
        let url_start = start;
        start += url.len();
        let url = url.trim_end_matches(ends_url);
        let query = match url.find('?') {
            Some(mark) => mark + 1,
            None if is_parameter => 0,
            None => url.len(),
        };
        let value = url[query..].find('=').map(|sign| query + sign + 1);
        let (path, value) = url.split_at(value.unwrap_or(url.len()));
        let value = Part {
            range: url_start + path.len()..url_start + path.len() + value.len(),
            is_parameter: true,
        };
        let mut at = url_start;
        let segments = path.split_inclusive(ends_segment).map(move |segment| {
            let range = at..at + segment.trim_end_matches(ends_segment).len();
            at += segment.len();
            Part {
                range,
                is_parameter: false,
            }
        });
        segments.chain([value])
    })
}

/// Returns whether a URL, or a parameter of it, ends with this character.
fn ends_url(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '<' | '>' | '`' | '\\' | '&' | '#')
}

fn ends_segment(character: char) -> bool {
    matches!(character, '/' | '?' | '=' | ';')
}
