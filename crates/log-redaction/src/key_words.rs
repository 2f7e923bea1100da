//! The words of a key, without regard to the way in which it is spelled.

/// The words of a key, in lower case. `apiKey`, `API-Key`, `api.key` and `api_key` have the words `api` and `key`.
#[derive(Debug)]
pub(crate) struct KeyWords {
    /// The words without anything between them.
    joined: String,
    /// Where each word begins in `joined`.
    starts: Vec<usize>,
}

impl KeyWords {
    pub(crate) fn of(key: &str) -> Self {
        let mut words = Self {
            joined: String::with_capacity(key.len()),
            starts: Vec::new(),
        };
        let mut before = None;
        let mut characters = key.chars().peekable();
        while let Some(character) = characters.next() {
            if is_separator(character) {
                before = None;
                continue;
            }
            let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
            if before.is_none_or(|before| begins_word(before, character, next_is_lower)) {
                words.starts.push(words.joined.len());
            }
            words.joined.extend(character.to_lowercase());
            before = Some(character);
        }
        words
    }

    /// Returns the words without anything between them.
    pub(crate) fn joined(&self) -> &str {
        &self.joined
    }

    /// Returns whether the last words are these, which are joined.
    pub(crate) fn end_with(&self, joined: &str) -> bool {
        let mut ends = self.starts.iter().map(|start| &self.joined[*start..]);
        !joined.is_empty() && ends.any(|end| end == joined)
    }
}

pub(crate) const fn is_separator(character: char) -> bool {
    matches!(
        character,
        '-' | '_' | '.' | ' ' | ':' | '/' | '@' | '[' | ']'
    )
}

/// Returns whether a word begins between two characters: `userId` is `user` and `id`, and `APIKey` is `api` and `key`.
fn begins_word(before: char, character: char, next_is_lower: bool) -> bool {
    character.is_uppercase() && (!before.is_uppercase() || next_is_lower)
}
