//! Colors, which loggers write between a key and its value.

use crate::texts::unescaped::COLOR;

/// How a sequence begins: as it is, escaped for JSON, by Rust's `Debug`, and by other languages.
const ESCAPES: [&str; 6] = ["\x1b", "\\u001b", "\\u001B", "\\u{1b}", "\\x1b", "\\x1B"];

/// Returns a text without the color sequences at its end, such as `ESC[2m`.
pub(super) fn before_colors(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let Some(rest) = before_color(text) {
        text = rest;
    }
    text
}

fn before_color(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.strip_suffix(b"m")?;
    while let [before @ .., b'0'..=b'9' | b';'] = rest {
        rest = before;
    }
    let rest = rest.strip_suffix(b"[")?;
    let mut before = ESCAPES
        .iter()
        .find_map(|escape| rest.strip_suffix(escape.as_bytes()))?;
    // The backslash of an escape may be escaped too.
    while let [rest @ .., b'\\'] = before {
        before = rest;
    }
    Some(before)
}

/// Returns an unescaped text without the color sequences at its end.
pub(super) fn trim_end_colors(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let [rest @ .., COLOR] = text {
        text = rest;
    }
    text
}

/// Returns the length of the color sequences at the beginning of an unescaped text.
pub(super) fn colors_length(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == COLOR).count()
}
