//! Text from outside the program, such as a server's response or a variable's value, made safe to print.
//!
//! The attack that this stops: a server, or a file's name, that ends a message's line and begins a forged one, or that drives the
//! terminal on which the message is read.

use std::fmt::{self, Write};

/// The longest excerpt of foreign text in a message, in bytes.
#[cfg(any(feature = "setup", feature = "ship"))]
const LONGEST: usize = 1_000;

/// A formatter's writer that escapes what a terminal could obey: control characters, line separators, and the controls that
/// change the direction of text.
pub(crate) struct Printable<W>(pub(crate) W);

impl<W: Write> Write for Printable<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_obeyed) {
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

fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// The beginning of a text, without the space around it, and a mark where there is more.
#[cfg(any(feature = "setup", feature = "ship"))]
pub(crate) fn excerpt(text: &str) -> String {
    let text = text.trim();
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let mut end = LONGEST;
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
            .expect("a String takes all");
        out
    }

    #[test]
    fn what_a_terminal_could_obey_is_escaped_and_all_else_is_kept() {
        assert_eq!(printable("Größe: 3 µs, “so” …"), "Größe: 3 µs, “so” …");
        assert_eq!(
            printable("a\nb\r\u{1b}[31mc\u{9b}2Jd\u{202e}e\u{2066}f\u{2028}g\0"),
            "a\\nb\\r\\u{1b}[31mc\\u{9b}2Jd\\u{202e}e\\u{2066}f\\u{2028}g\\u{0}"
        );
    }

    #[cfg(any(feature = "setup", feature = "ship"))]
    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        let long = excerpt(&format!(" {}", "é".repeat(5_000)));
        assert!(long.len() <= LONGEST + '…'.len_utf8() && long.ends_with("é…"));
        assert_eq!(excerpt(" short \n"), "short");
    }
}
