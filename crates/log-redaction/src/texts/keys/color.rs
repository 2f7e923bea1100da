//! Colors, which loggers write between a key and its value.

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

/// Returns how many bytes from a position on are the end of a color sequence, if the text before them is its beginning.
pub(super) fn color_end(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let end = start + digits + 1;
    let is_color = text
        .get(..end)
        .is_some_and(|text| before_color(text).is_some());
    if is_color { digits + 1 } else { 0 }
}

/// Returns the length of the color sequences at the beginning of a text.
pub(super) fn colors_length(text: &str) -> usize {
    let mut rest = text;
    while let Some(after) = after_color(rest) {
        rest = after;
    }
    text.len() - rest.len()
}

fn after_color(text: &str) -> Option<&str> {
    let escapes = text.len() - text.trim_start_matches('\\').len();
    let text = text.get(escapes.saturating_sub(1)..)?;
    let escape = ESCAPES
        .iter()
        .find_map(|escape| text.strip_prefix(escape))?;
    let parameters = escape.strip_prefix('[')?;
    let end = parameters.trim_start_matches(|next: char| next.is_ascii_digit() || next == ';');
    end.strip_prefix('m')
}
