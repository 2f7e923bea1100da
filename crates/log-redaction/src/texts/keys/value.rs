//! How far a value reaches.

use std::ops::Range;

/// A value in a text.
#[derive(Debug)]
pub(super) struct Value {
    /// Without quotes.
    pub(super) secret: Range<usize>,
    /// Where the text after it begins.
    pub(super) end: usize,
    pub(super) form: ValueForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueForm {
    Quoted,
    /// With brackets, as `Debug` writes it.
    Structure,
    Bare,
}

impl Value {
    pub(super) fn bare(range: Range<usize>) -> Self {
        Self {
            end: range.end,
            secret: range,
            form: ValueForm::Bare,
        }
    }
}

/// Returns the value in quotes that begins here. Without an end it is as long as the text.
pub(super) fn quoted(text: &str, start: usize) -> Option<Value> {
    let bytes = text.as_bytes();
    // The prefixes of strings in Rust and Python.
    let prefix = match bytes.get(start..)? {
        [b'b' | b'r' | b'u' | b'f', b'"' | b'\'', ..] => 1,
        _ => 0,
    };
    let escapes = bytes.get(start + prefix..)?;
    let escapes = escapes.iter().take_while(|byte| **byte == b'\\').count();
    let opening = start + prefix + escapes;
    let quote = *bytes
        .get(opening)
        .filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let inside = opening + 1;
    let (secret_end, end) =
        closing(bytes, inside, quote, escapes).unwrap_or((bytes.len(), bytes.len()));
    Some(Value {
        secret: inside..secret_end,
        end,
        form: ValueForm::Quoted,
    })
}

/// Returns where the text in quotes ends, and where its closing quote ends.
pub(super) fn closing(
    bytes: &[u8],
    inside: usize,
    quote: u8,
    escapes: usize,
) -> Option<(usize, usize)> {
    let mut backslashes = 0;
    for (at, byte) in bytes.iter().enumerate().skip(inside) {
        match *byte {
            b'\\' => backslashes += 1,
            byte if byte == quote && closes(escapes, backslashes) => {
                let escapes = if escapes == 0 { 0 } else { backslashes };
                return Some((at - escapes, at + 1));
            }
            _ => backslashes = 0,
        }
    }
    None
}

/// Returns whether a quote with backslashes before it closes one that had `escapes` of them.
fn closes(escapes: usize, backslashes: usize) -> bool {
    match escapes {
        // Pairs of backslashes are backslashes of the text.
        0 => backslashes.is_multiple_of(2),
        _ => backslashes <= escapes,
    }
}

/// Returns the value with brackets that begins here, such as `Some("x")` or `{"a": 1}`. Without an end it is as long as the text.
/// Without `allows_brackets`, a name has to be before the bracket.
pub(super) fn structure(text: &str, start: usize, allows_brackets: bool) -> Option<Value> {
    let bytes = text.as_bytes();
    let name = bytes.get(start..)?;
    let length = name
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
        .count();
    let opens = match (name.get(..length)?, name.get(length..)?) {
        ([], [b'{' | b'[', ..] | [b'(', b'"' | b'\'', ..]) if allows_brackets => 0,
        ([b'A'..=b'Z', ..], [b'(' | b'[' | b'{', ..]) => length,
        ([b'A'..=b'Z', ..], [b' ', b'{', ..]) => length + 1,
        _ => return None,
    };
    let end = balanced(bytes, start + opens).unwrap_or(bytes.len());
    Some(Value {
        secret: start..end,
        end,
        form: ValueForm::Structure,
    })
}

/// Returns the position after the bracket that closes the one at `start`. Brackets in quotes do not count.
fn balanced(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    // The backslashes before the opening quote.
    let mut quoted: Option<usize> = None;
    let mut backslashes = 0;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match (byte, quoted) {
            (b'\\', _) => {
                backslashes += 1;
                continue;
            }
            (b'"', None) => quoted = Some(backslashes),
            (b'"', Some(escapes)) if closes(escapes, backslashes) => quoted = None,
            (b'(' | b'[' | b'{', None) => depth += 1,
            (b')' | b']' | b'}', None) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        backslashes = 0;
    }
    None
}

/// Returns the length of a value without quotes.
pub(super) fn bare_length(text: &str, is_parameter: bool) -> usize {
    let is_end = |character: char| {
        character.is_whitespace()
            || matches!(
                character,
                '"' | '\'' | '`' | '&' | '<' | '>' | ')' | ']' | '}' | '|' | '\x1b'
            )
            || !is_parameter && matches!(character, ',' | ';')
    };
    let length = text.find(is_end).unwrap_or(text.len());
    // The backslash of an escape.
    let escapes = text[..length].match_indices('\\');
    let mut ends = escapes.filter(|(at, _)| {
        let escape = &text[at + 1..];
        escape.starts_with(['n', 'r'])
            || ["u001", "u{1b}", "x1b", "x1B"]
                .iter()
                .any(|start| escape.starts_with(start))
    });
    let escape = ends.next().map(|(at, _)| at);
    let length = escape.unwrap_or(length);
    let value = &text[..length];
    if text[length..].starts_with(['"', '\'']) {
        value.trim_end_matches('\\').len()
    } else {
        length
    }
}
