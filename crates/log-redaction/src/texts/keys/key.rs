use super::color::{colors_length, trim_end_colors};
use std::ops::Range;

/// The longest key that is looked for.
const LONGEST: usize = 128;

/// The longest word before a key that is looked at.
const LONGEST_WORD: usize = 16;

/// A key in a text, before a separator.
#[derive(Debug)]
pub(super) struct Key {
    /// The key, without quotes.
    pub(super) range: Range<usize>,
    /// Where the key begins, with its quotes.
    pub(super) start: usize,
    pub(super) is_quoted: bool,
    /// The quotes after the key, with backslashes. Empty without quotes.
    pub(super) quotes: Range<usize>,
    /// Whether there are spaces between the key and the separator.
    pub(super) has_space: bool,
}

impl Key {
    /// Finds the key before a separator.
    pub(super) fn before(text: &str, separator: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let before = trim_end_colors(bytes.get(..separator)?);
        let spaces = before
            .iter()
            .rev()
            .take_while(|byte| **byte == b' ')
            .count();
        let end = before.len() - spaces;
        let has_space = spaces > 0;
        let before = before.get(..end)?;
        match *before.last()? {
            quote @ (b'"' | b'\'' | b'`') => {
                let (range, start) = quoted(before, quote)?;
                let inside_end = range.end;
                let key = text.get(range.clone())?;
                let range = range.start + colors_length(key)
                    ..trim_end_colors(bytes.get(..range.end)?).len();
                Some(Self {
                    range,
                    start,
                    is_quoted: true,
                    quotes: inside_end..end,
                    has_space,
                })
            }
            last => {
                // `user[password]` is one key.
                let has_brackets = last == b']';
                let is_key =
                    |byte: &&u8| is_key(**byte) || has_brackets && matches!(byte, b'[' | b']');
                let length = before.iter().rev().take(LONGEST).take_while(is_key).count();
                let mut start = end - length;
                // A hyphen is no part of the key, nor is a half character.
                while matches!(bytes.get(start), Some(b'-' | b'.' | b'[' | 0x80..=0xbf))
                    && start < end
                {
                    start += 1;
                }
                // An option of the Java runtime, such as `-Dkey=value`.
                if let (Some(b"-D"), Some(b'a'..=b'z')) = (
                    start
                        .checked_sub(1)
                        .and_then(|sign| bytes.get(sign..=start)),
                    bytes.get(start + 1),
                ) {
                    start += 1;
                }
                (start < end).then_some(Self {
                    range: start..end,
                    start,
                    is_quoted: false,
                    quotes: end..end,
                    has_space,
                })
            }
        }
    }

    /// Returns whether the key follows a character that begins a parameter of a query.
    pub(super) fn follows_parameter_mark(&self, text: &str) -> bool {
        let before = text.get(..self.start).unwrap_or_default();
        before.ends_with(['?', '&'])
    }
}

/// Returns where a key begins that has one more word, as in `api key`.
pub(super) fn word_before(text: &str, key: usize) -> Option<usize> {
    let before = text.as_bytes().get(..key)?.strip_suffix(b" ")?;
    let word = before.iter().rev().take(LONGEST_WORD);
    let word = word.take_while(|byte| byte.is_ascii_alphabetic()).count();
    (word > 0).then_some(before.len() - word)
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'%') || byte >= 0x80
}

/// Returns the text between quotes, the last of which ends `before`, and where the quotes begin. They may be escaped.
fn quoted(before: &[u8], quote: u8) -> Option<(Range<usize>, usize)> {
    let end = before.len() - 1;
    let escapes = trailing_backslashes(before.get(..end)?);
    let end = end - escapes;
    let inside = before.get(..end)?;
    let first = end.saturating_sub(LONGEST);
    let opening = first
        + inside
            .get(first..)?
            .iter()
            .rposition(|byte| *byte == quote)?;
    let start = opening.checked_sub(escapes)?;
    let is_escaped = trailing_backslashes(before.get(..opening)?) >= escapes;
    (is_escaped && opening + 1 < end).then_some((opening + 1..end, start))
}

fn trailing_backslashes(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| **byte == b'\\').count()
}
