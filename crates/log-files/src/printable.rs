//! Makes text from outside the program, such as a server's response or the value of a variable, safe to print.
//!
//! This stops an attack in which a server's response or a file name ends the line of a message and begins a forged one, or sends control
//! sequences to the terminal on which the message is read.

use std::{
    error::Error,
    fmt::{self, Write},
};

/// Maximum length of an excerpt of foreign text in a message, in bytes.
const MAX_EXCERPT_BYTES: usize = 1_000;

/// A `fmt::Write` that escapes characters to which a terminal may react, and those that a reader cannot see: control characters, line
/// separators, the controls that change the direction of text, and characters without width.
///
/// U+200C, U+200D and the variation selectors are kept, because scripts and emoji need them.
pub struct Printable<W>(pub W);

impl<W: Write> Write for Printable<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(needs_escape) {
            let (plain, from) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut characters = from.chars();
            if let Some(character) = characters.next() {
                write!(self.0, "{}", character.escape_default())?;
            }
            rest = characters.as_str();
        }
        self.0.write_str(rest)
    }
}

fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
        || is_invisible(character)
}

/// Whether a terminal shows nothing for a character that could hide a difference between two texts.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Writes the causes of an error, each after a colon.
///
/// # Errors
///
/// If `out` fails.
pub fn write_causes(out: &mut impl Write, error: &dyn Error) -> fmt::Result {
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(Printable(&mut *out), ": {error}")?;
        cause = error.source();
    }
    Ok(())
}

/// Returns the beginning of a text without surrounding whitespace, with `…` at the end if it was cut.
pub fn excerpt(text: &str) -> String {
    let text = text.trim();
    if text.len() <= MAX_EXCERPT_BYTES {
        return text.to_owned();
    }
    let mut end = MAX_EXCERPT_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printable(text: &str) -> String {
        let mut out = String::new();
        Printable(&mut out)
            .write_str(text)
            .expect("a String accepts everything");
        out
    }

    #[test]
    fn characters_to_which_a_terminal_may_react_are_escaped_and_all_others_are_kept() {
        assert_eq!(printable("Größe: 3 µs, “so” …"), "Größe: 3 µs, “so” …");
        assert_eq!(
            printable("a\nb\r\u{1b}[31mc\u{9b}2Jd\u{202e}e\u{2066}f\u{2028}g\0"),
            "a\\nb\\r\\u{1b}[31mc\\u{9b}2Jd\\u{202e}e\\u{2066}f\\u{2028}g\\u{0}"
        );
    }

    #[test]
    fn characters_that_a_reader_cannot_see_are_escaped_except_those_that_emoji_need() {
        for hidden in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{180e}',
            '\u{200b}',
            '\u{200e}',
            '\u{200f}',
            '\u{3164}',
            '\u{feff}',
            '\u{fff9}',
            '\u{fffb}',
            '\u{e0001}',
            '\u{e007f}',
        ] {
            let escaped = format!("pay{}pal", hidden.escape_unicode());
            assert_eq!(printable(&format!("pay{hidden}pal")), escaped);
        }
        for emoji in ["👩\u{200d}💻", "❤\u{fe0f}"] {
            assert_eq!(printable(emoji), emoji);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_ends_with_an_ellipsis() {
        let long = excerpt(&format!(" {}", "é".repeat(5_000)));
        assert!(long.len() <= MAX_EXCERPT_BYTES + '…'.len_utf8() && long.ends_with("é…"));
        assert_eq!(excerpt(" short \n"), "short");
    }
}
