use std::borrow::Cow;

/// Removes the escape sequences that colour a text on a terminal.
pub(in super::super) fn without_escapes(text: &str) -> Cow<'_, str> {
    let Some((before, mut rest)) = text.split_once('\u{1b}') else {
        return Cow::Borrowed(text);
    };
    let mut plain = before.to_owned();
    loop {
        rest = after_sequence(rest);
        match rest.split_once('\u{1b}') {
            Some((before, after)) => {
                plain.push_str(before);
                rest = after;
            }
            None => {
                plain.push_str(rest);
                return Cow::Owned(plain);
            }
        }
    }
}

/// Returns what follows the escape sequence whose escape character is before a text (ECMA-48, section 5.4).
fn after_sequence(text: &str) -> &str {
    let Some(parameters) = text.strip_prefix('[') else {
        return text;
    };
    let is_final = |c: char| matches!(c, '\u{40}'..='\u{7e}');
    let Some(at) = parameters.find(|c: char| !matches!(c, '\u{20}'..='\u{3f}')) else {
        return "";
    };
    let rest = parameters.get(at..).unwrap_or_default();
    rest.strip_prefix(is_final).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_removed_and_text_is_kept() {
        for (text, plain) in [
            ("plain", "plain"),
            (
                "\u{1b}[2m2026\u{1b}[0m \u{1b}[1;32m INFO\u{1b}[0m",
                "2026  INFO",
            ),
            ("\u{1b}[3mid\u{1b}[0m\u{1b}[2m=\u{1b}[0m4b", "id=4b"),
            ("end\u{1b}", "end"),
            ("end\u{1b}[", "end"),
            ("\u{1b}[3é", "é"),
        ] {
            assert_eq!(without_escapes(text), plain);
        }
    }
}
