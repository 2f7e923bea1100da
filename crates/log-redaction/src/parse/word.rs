use super::{
    problem::{InvalidRules, Problem},
    pseudonyms,
};
use crate::replacement::Replacement;

/// A word of a list, with the replacement that it names.
#[derive(Debug)]
pub(super) struct Word<'t> {
    pub(super) name: &'t str,
    replacement: Option<&'t str>,
}

impl<'t> Word<'t> {
    /// Returns the words of a list, which is separated by commas.
    pub(super) fn all(list: &'t str) -> impl Iterator<Item = Self> {
        let words = list.split(',').map(str::trim);
        words.filter(|word| !word.is_empty()).map(Self::of)
    }

    /// Returns whether a list is not empty, and has no words.
    pub(super) fn are_missing(list: &'t str) -> bool {
        !list.is_empty() && Self::all(list).next().is_none()
    }

    fn of(word: &'t str) -> Self {
        match word.split_once('=') {
            Some((name, replacement)) => Self {
                name: name.trim(),
                replacement: Some(replacement.trim()),
            },
            None => Self {
                name: word,
                replacement: None,
            },
        }
    }

    /// Returns the name of the replacement, if the word has one.
    pub(super) fn named_replacement(&self) -> Option<&'t str> {
        self.replacement
    }

    /// Returns the replacement, if the word names one.
    pub(super) fn replacement(&self) -> Result<Option<Replacement>, InvalidRules> {
        let Some(name) = self.replacement else {
            return Ok(None);
        };
        match name.to_ascii_lowercase().as_str() {
            "redacted" => Ok(Some(Replacement::Redacted)),
            "last4" => Ok(Some(Replacement::LastFour)),
            "remove" => Ok(Some(Replacement::Remove)),
            "pseudonym" => pseudonyms::replacement(self.name).map(Some),
            _ => Err(Problem::UnknownReplacement {
                word: self.name.to_owned(),
                replacement: name.to_owned(),
            }
            .into()),
        }
    }
}
