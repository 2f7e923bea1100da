//! Texts in which escapes do not join words.
//!
//! `Debug` writes a newline as `\n`, so `"user: ada\npassword: x"` seems to have the key `npassword`. The searches read a copy of the text in
//! which such escapes are the characters that they stand for. The copy has the same length, so positions in it are positions in the text.

use std::borrow::Cow;

/// Stands in place of each byte of a color sequence.
pub(super) const COLOR: u8 = 0x1b;

/// How an escape character is written, after backslashes.
const ESCAPES: [&[u8]; 6] = [b"x1b", b"x1B", b"u{1b}", b"u001b", b"u001B", b"033"];

/// Returns a text with these changes:
///
/// - `\n`, `\r` and `\t`, with any number of backslashes, become the character and spaces.
/// - Color sequences such as `ESC[2m`, also escaped, become a run of [`COLOR`].
/// - `\u0022` and `\u0027` become a quote after an odd number of backslashes.
/// - Other characters that `Debug` escapes as `\u{…}` become spaces.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_first = |byte: &u8| matches!(byte, b'\\' | 0x1b);
    let Some(mut at) = bytes.iter().position(is_first) else {
        return text.into();
    };
    let mut copy = bytes.to_vec();
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = escape_length(rest, copy.get_mut(at..).unwrap_or_default());
        let next = at + length.max(1);
        let found = bytes.get(next..).unwrap_or_default();
        at = next + found.iter().position(is_first).unwrap_or(found.len());
    }
    // Only ASCII is replaced, by ASCII.
    String::from_utf8(copy).map_or(text.into(), Cow::Owned)
}

/// Returns a text with `%%%` in place of percent-escapes.
pub(super) fn without_percent_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut copy = text.as_bytes().to_vec();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('%')) {
        at += found + 1;
        let digits = copy.get_mut(at..at + 2).unwrap_or_default();
        if digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit) {
            digits.fill(b'%');
            at += 2;
        }
    }
    String::from_utf8(copy).map_or(text.into(), Cow::Owned)
}

/// Replaces the escape that begins here in the copy. Returns its length.
fn escape_length(rest: &[u8], copy: &mut [u8]) -> usize {
    let backslashes = rest.iter().take_while(|byte| **byte == b'\\').count();
    let escape = rest.get(backslashes..).unwrap_or_default();
    if let Some(length) = color_length(escape, backslashes > 0) {
        fill(copy, backslashes + length, COLOR);
        return backslashes + length;
    }
    if backslashes == 0 {
        return 0;
    }
    let character = match escape {
        [b'n', ..] => b'\n',
        [b'r', ..] => b'\r',
        [b't', ..] => b'\t',
        [b'u', b'{', code @ ..] => {
            let digits = code
                .iter()
                .take(7)
                .take_while(|byte| byte.is_ascii_hexdigit());
            let digits = digits.count();
            if code.get(digits) == Some(&b'}') {
                let length = backslashes + digits + 3;
                fill(copy, length, b' ');
                return length;
            }
            return backslashes;
        }
        [b'u', b'0', b'0', b'2', quote @ (b'2' | b'7'), ..] => {
            let last = backslashes + 4;
            fill(copy, last, b'\\');
            // An odd number of backslashes never ends a text in quotes.
            if backslashes.is_multiple_of(2) {
                fill(copy, 1, b' ');
            }
            if let Some(last) = copy.get_mut(last) {
                *last = if *quote == b'2' { b'"' } else { b'\'' };
            }
            return last + 1;
        }
        _ => return backslashes,
    };
    fill(copy, backslashes + 1, b' ');
    if let Some(first) = copy.first_mut() {
        *first = character;
    }
    backslashes + 1
}

fn fill(copy: &mut [u8], length: usize, byte: u8) {
    if let Some(part) = copy.get_mut(..length) {
        part.fill(byte);
    }
}

/// Returns the length of the color sequence at the beginning of a text, which may follow backslashes.
fn color_length(text: &[u8], is_escaped: bool) -> Option<usize> {
    let rest = if is_escaped {
        ESCAPES.iter().find_map(|escape| text.strip_prefix(*escape))
    } else {
        text.strip_prefix(&[COLOR])
    };
    let rest = rest?.strip_prefix(b"[")?;
    let is_parameter = |byte: &&u8| byte.is_ascii_digit() || **byte == b';';
    let parameters = rest.iter().take_while(is_parameter).count();
    let after = rest.get(parameters..)?.strip_prefix(b"m")?;
    Some(text.len() - after.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_become_what_they_stand_for() {
        for (text, expected) in [
            ("a\\nb", "a\n b"),
            ("a\\\\tb", "a\t  b"),
            ("\\u{1b}[32mx", "\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1bx"),
            ("\x1b[0mx\x1b", "\x1b\x1b\x1b\x1bx\x1b"),
            ("\\u0022x", "\\\\\\\\\\\"x"),
            ("a\\u{200b}b", "a        b"),
            ("é\\", "é\\"),
            ("C:\\dir\\\"", "C:\\dir\\\""),
        ] {
            assert_eq!(unescaped(text), expected, "{text}");
        }
        assert_eq!(without_percent_escapes("a%20be%2"), "a%%%be%2");
    }

    proptest! {
        #[test]
        fn the_copy_is_as_long_as_the_text(text in r#"([a-z\\"é%\x1b]|\\n|\\u\{1|\[3m|\\u0022){0,20}"#) {
            prop_assert_eq!(unescaped(&text).len(), text.len());
            prop_assert_eq!(without_percent_escapes(&text).len(), text.len());
        }
    }
}
