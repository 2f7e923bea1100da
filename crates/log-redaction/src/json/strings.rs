//! The inside of JSON strings.

use std::{borrow::Cow, fmt::Write as _};

/// Returns the text of a JSON string, which is given without its quotes. A surrogate without its other half becomes U+FFFD, and an invalid
/// escape stays as it is.
pub(super) fn decoded(raw: &str) -> Cow<'_, str> {
    let Some(first) = raw.find('\\') else {
        return raw.into();
    };
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut at = Some(first);
    while let Some(escape) = at {
        text.push_str(&rest[..escape]);
        rest = &rest[escape + 1..];
        let letter = rest.chars().next();
        let length = letter.map_or(0, char::len_utf8);
        match letter {
            Some('u') => {
                let (character, used) = unicode(rest);
                text.push(character);
                rest = &rest[used..];
            }
            Some(letter) => {
                match letter {
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    'b' => text.push('\u{8}'),
                    'f' => text.push('\u{c}'),
                    '"' | '\\' | '/' => text.push(letter),
                    _ => text.extend(['\\', letter]),
                }
                rest = &rest[length..];
            }
            None => text.push('\\'),
        }
        at = rest.find('\\');
    }
    text.push_str(rest);
    text.into()
}

/// Returns a key without color sequences such as `ESC[2m`, which some loggers write around keys of JSON for terminals.
pub(super) fn without_colors(key: Cow<'_, str>) -> Cow<'_, str> {
    if !key.contains('\x1b') {
        return key;
    }
    let mut parts = key.split("\x1b[");
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let after = part.trim_start_matches(|next: char| next.is_ascii_digit() || next == ';');
        name.push_str(after.strip_prefix('m').unwrap_or(part));
    }
    name.into()
}

/// Returns the character of an escape that starts with `u`, and the length of the escape.
fn unicode(escape: &str) -> (char, usize) {
    const LENGTH: usize = "u0000".len();
    let Some(high) = code_unit(escape) else {
        return (char::REPLACEMENT_CHARACTER, 1);
    };
    if let Some(character) = char::from_u32(high) {
        return (character, LENGTH);
    }
    let low = escape
        .get(LENGTH..)
        .and_then(|rest| code_unit(rest.strip_prefix('\\')?));
    match low {
        Some(low @ 0xdc00..=0xdfff) if high < 0xdc00 => {
            let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            (character, 2 * LENGTH + 1)
        }
        _ => (char::REPLACEMENT_CHARACTER, LENGTH),
    }
}

fn code_unit(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix('u')?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(digits, 16).ok())?
}

/// Appends a text as a JSON string. Like `tracing-stamp`, it also escapes DEL, the C1 controls and the bidirectional controls, with which
/// logged text could deceive a terminal or its reader.
pub(super) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                // Writing to a `String` does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_reads_back_unchanged(text in any::<String>()) {
            let mut json = String::new();
            push_string(&mut json, &text);
            prop_assert_eq!(&serde_json::from_str::<String>(&json).expect("valid"), &text);
            prop_assert_eq!(decoded(&json[1..json.len() - 1]), text.as_str());
            let all: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            prop_assert_eq!(decoded(&all), text.as_str());
        }

        #[test]
        fn any_bytes_decode(raw in r#"[a\\u0-9dé"]{0,20}"#) {
            let _ = decoded(&raw);
        }
    }
}
