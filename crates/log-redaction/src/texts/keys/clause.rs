use super::words;
use crate::replacement::REDACTED;

/// What precedes a key without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    /// The key begins the text, a line, a part of a structure or a clause.
    Begins,
    /// The key follows another word.
    Continues,
    /// The key follows a word that makes its value no secret, as in `unexpected token: …`.
    Complains,
}

/// The longest word that is looked at.
const LONGEST: usize = 32;

impl Clause {
    /// Returns what precedes the key at a position.
    pub(super) fn before(text: &str, key: usize) -> Self {
        let before = text.get(..key).unwrap_or_default();
        let clause = before.trim_end_matches(' ');
        let Some(last) = clause.chars().next_back() else {
            return Self::Begins;
        };
        match last {
            // It stands in place of a word.
            ']' if clause.ends_with(REDACTED) => Self::Continues,
            '`' => Self::Continues,
            ':' if clause.len() == before.len() => Self::Continues,
            _ if last.is_alphanumeric() || last == '_' => {
                let bytes = clause.as_bytes();
                let word = bytes
                    .iter()
                    .rev()
                    .take(LONGEST)
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .count();
                let word = clause.get(clause.len() - word..).unwrap_or_default();
                if words::is_complaint(word) {
                    Self::Complains
                } else {
                    Self::Continues
                }
            }
            _ => Self::Begins,
        }
    }
}
