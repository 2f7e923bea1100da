//! Strings of JSON (RFC 8259, section 7).

use crate::json::plain_length;

/// Splits a text after the string with which it begins. Returns the string with its escapes but without its quotes, and the rest.
pub(super) fn split_string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        // A wrapped JSON line has an escape every few bytes, which is too often for a call of `memchr2` for each.
        while let Some(eight) = inside.get(at..)?.first_chunk() {
            let plain = plain_length(eight);
            at += plain;
            if plain < 8 {
                break;
            }
        }
        match inside.get(at)? {
            b'"' => return Some((&inside[..at], &inside[at + 1..])),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Unescapes the string that continues here and ends at a quote. Returns its text and what follows the quote, or `None` if there is no quote
/// or an escape is not valid. Half of a surrogate pair becomes U+FFFD.
pub(super) fn unescape_to_quote(inside: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    // No escape is shorter than what it stands for, so the text fits.
    let mut plain = inside.to_vec();
    let mut written = 0;
    let mut rest = inside;
    loop {
        // Writes eight bytes at once, and keeps those before the next escape.
        while let Some(eight) = rest.first_chunk::<8>() {
            plain.get_mut(written..written + 8)?.copy_from_slice(eight);
            let kept = plain_length(eight);
            written += kept;
            rest = &rest[kept..];
            if kept < 8 {
                break;
            }
        }
        let (byte, after) = rest.split_first()?;
        let (unescaped, after) = match byte {
            b'"' => {
                plain.truncate(written);
                return Some((plain, after));
            }
            b'\\' => match after.split_first()? {
                (b'u', after) => {
                    let (character, after) = unescape_unicode(after)?;
                    let length = character.len_utf8();
                    character.encode_utf8(plain.get_mut(written..written + length)?);
                    written += length;
                    rest = after;
                    continue;
                }
                (kind, after) => (unescape_byte(*kind)?, after),
            },
            byte => (*byte, after),
        };
        *plain.get_mut(written)? = unescaped;
        written += 1;
        rest = after;
    }
}

fn unescape_byte(kind: u8) -> Option<u8> {
    Some(match kind {
        b'"' | b'\\' | b'/' => kind,
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        _ => return None,
    })
}

/// Reads the digits after `\u`, and a second escape if they are the first half of a pair.
fn unescape_unicode(text: &[u8]) -> Option<(char, &[u8])> {
    let (first, rest) = code_unit(text)?;
    let second = rest.strip_prefix(b"\\u").and_then(code_unit);
    if (0xd800..0xdc00).contains(&first)
        && let Some((second @ 0xdc00..0xe000, after)) = second
    {
        let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(point)?, after));
    }
    Some((
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
        rest,
    ))
}

fn code_unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let unit = digits.iter().try_fold(0, |unit, digit| {
        Some(unit * 16 + char::from(*digit).to_digit(16)?)
    })?;
    Some((unit, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes a character as it is, as one or two `\\uXXXX`, or with a short escape.
    fn escape(character: char, way: u8) -> String {
        match (character, way) {
            ('"' | '\\' | '/', 0) => format!("\\{character}"),
            ('\n', 0) => r"\n".to_owned(),
            ('"' | '\\' | '\0'..='\x1f', _) | (_, 1) => {
                let mut units = [0; 2];
                let units = character.encode_utf16(&mut units).iter();
                units.map(|unit| format!("\\u{unit:04x}")).collect()
            }
            _ => character.to_string(),
        }
    }

    proptest! {
        #[test]
        fn an_escaped_string_is_unescaped_again(
            characters in proptest::collection::vec((prop_oneof![any::<char>(), Just('"'), Just('\\'), Just('a')], 0..3_u8), 0..60),
        ) {
            let plain: String = characters.iter().map(|(character, _)| *character).collect();
            let escaped: String = characters.iter().map(|(character, way)| escape(*character, *way)).collect();
            prop_assert_eq!(unescaped(&escaped), Some(plain), "{}", escaped);
            let quoted = format!("\"{escaped}\",\"next\"");
            prop_assert_eq!(split_string(quoted.as_bytes()), Some((escaped.as_bytes(), &b",\"next\""[..])));
        }

        #[test]
        fn any_bytes_are_a_string_or_not(text in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\\'), Just(b'"'), Just(b'u'), Just(b'd')], 0..40)) {
            let _ = (split_string(&text), unescape_to_quote(&text));
        }
    }

    fn unescaped(text: &str) -> Option<String> {
        let quoted = format!("{text}\"rest");
        let (plain, rest) = unescape_to_quote(quoted.as_bytes())?;
        assert_eq!(rest, b"rest");
        Some(String::from_utf8(plain).expect("escapes make UTF-8"))
    }

    #[test]
    fn escapes_are_replaced() {
        for (text, expected) in [
            ("", ""),
            ("plain é", "plain é"),
            (r#"\"a\\b\/c\n\t\r\b\f"#, "\"a\\b/c\n\t\r\u{8}\u{c}"),
            (r"\u003cb\u003e \u00E9", "<b> é"),
            (r"\ud83d\ude48!", "🙈!"),
            (r"\ud83d \ude48", "\u{fffd} \u{fffd}"),
            (r"\ud83dA\ud83d\u0041", "\u{fffd}A\u{fffd}A"),
            (
                r"after a long plain text \n end",
                "after a long plain text \n end",
            ),
        ] {
            assert_eq!(unescaped(text).as_deref(), Some(expected), "{text}");
        }
        for text in [r"\x", r"\", r"\u12", r"\u12g4", r"\u+123"] {
            assert_eq!(unescaped(text), None, "{text}");
        }
    }

    #[test]
    fn a_string_ends_at_its_first_quote_that_is_not_escaped() {
        let text = br#""a\"b\\","c""#;
        let (inside, rest) = split_string(text).expect("a string");
        assert_eq!((inside, rest), (&br#"a\"b\\"#[..], &br#","c""#[..]));
        for torn in [&br#""a"#[..], br#""a\"#, br#""a\""#, b"a", b""] {
            assert_eq!(split_string(torn), None, "{torn:?}");
        }
    }
}
