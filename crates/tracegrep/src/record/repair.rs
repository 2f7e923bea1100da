//! Strings in JSON that their writers have not escaped correctly.

use std::fmt::Write;

/// Stands for a character that is lost.
const REPLACEMENT: &str = "\\ufffd";

/// Returns a text in which the strings of JSON are valid. Otherwise one of them would cost all members of the line.
///
/// A half of a surrogate pair, as a writer leaves it that cuts a text, becomes U+FFFD. An unknown escape is text, with its backslash. Raw control
/// characters are escaped.
pub(super) fn strings(text: &str) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut is_string = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if is_string => {
                characters = escape(characters.as_str(), &mut repaired).chars();
                continue;
            }
            '\0'..=' ' if is_string && character != ' ' => {
                // Writing to a string does not fail.
                let _ = write!(repaired, "\\u{:04x}", u32::from(character));
                continue;
            }
            '"' => is_string = !is_string,
            _ => {}
        }
        repaired.push(character);
    }
    repaired
}

/// Appends the escape whose backslash is before a text, and returns the rest of the text.
fn escape<'a>(text: &'a str, repaired: &mut String) -> &'a str {
    let known = ['"', '\\', '/', 'b', 'f', 'n', 'r', 't'];
    if let Some(rest) = text.strip_prefix(known) {
        repaired.push('\\');
        repaired.extend(text.chars().next());
        return rest;
    }
    let Some((unit, rest)) = unit(text) else {
        repaired.push_str("\\\\");
        return text;
    };
    let low = || unit_after_backslash(rest).filter(|(low, _)| is_low(*low));
    let (second, rest) = match unit {
        0xd800..0xdc00 => match low() {
            Some((low, rest)) => (Some(low), rest),
            None => {
                repaired.push_str(REPLACEMENT);
                return rest;
            }
        },
        _ => (None, rest),
    };
    if is_low(unit) {
        repaired.push_str(REPLACEMENT);
        return rest;
    }
    for unit in [Some(unit), second].into_iter().flatten() {
        let _ = write!(repaired, "\\u{unit:04x}");
    }
    rest
}

fn is_low(unit: u16) -> bool {
    (0xdc00..0xe000).contains(&unit)
}

fn unit_after_backslash(text: &str) -> Option<(u16, &str)> {
    unit(text.strip_prefix('\\')?)
}

/// Reads `u` and four digits.
fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.strip_prefix('u')?.split_at_checked(4)?;
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unit = is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())??;
    Some((unit, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_become_valid_and_keep_their_text() {
        for (text, expected) in [
            (r"cut \ud83d", "cut \u{fffd}"),
            (r"\ud83dé", "\u{fffd}é"),
            (r"\ud83d\n", "\u{fffd}\n"),
            (r"\ud83d\ud83d\ude48", "\u{fffd}🙈"),
            (r"\ude48\ud83d", "\u{fffd}\u{fffd}"),
            (r"\ud83d\ude48 \u0041", "🙈 A"),
            (r"\x41", r"\x41"),
            (r"C:\dir\new", "C:\\dir\new"),
            (r"\u00", r"\u00"),
            (r"\u+123", r"\u+123"),
            (r#"a\"b\\"#, r#"a"b\"#),
            ("a\tb\u{1}", "a\tb\u{1}"),
        ] {
            let repaired = strings(&format!("\"{text}\""));
            let found: Option<String> = serde_json::from_str(&repaired).ok();
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_outside_of_strings_stays() {
        for text in [
            "{\"a\":\t1}",
            r#"{"a":"b\n"}"#,
            "{ no json \\x",
            "\"cut \\",
            "",
        ] {
            let expected = match text.strip_suffix('\\') {
                Some(_) => format!("{text}\\"),
                None => text.to_owned(),
            };
            assert_eq!(strings(text), expected);
        }
    }
}
