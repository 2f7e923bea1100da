use super::{
    problem::{InvalidRules, Problem},
    pseudonyms,
    word::Word,
};
use crate::{key_words::is_separator, redaction::Redaction, replacement::Replacement};

/// The keys of the application.
#[derive(Debug)]
pub(super) struct KeyNames<'t> {
    names: Vec<(&'t str, Option<Replacement>)>,
}

impl<'t> KeyNames<'t> {
    pub(super) fn parse(list: &'t str) -> Result<Self, InvalidRules> {
        let names = Word::all(list).map(|word| {
            if word.name.chars().all(is_separator) {
                return Err(Problem::NotAKey(word.name.to_owned()).into());
            }
            Ok((word.name, word.replacement()?))
        });
        Ok(Self {
            names: names.collect::<Result<_, InvalidRules>>()?,
        })
    }

    /// Adds a rule for each key. With a key of pseudonyms, a key without a replacement is replaced by a pseudonym.
    pub(super) fn add_to(self, mut redaction: Redaction, has_pseudonym_key: bool) -> Redaction {
        for (name, replacement) in self.names {
            let replacement =
                replacement.unwrap_or_else(|| pseudonyms::default_replacement(has_pseudonym_key));
            redaction = redaction.replaced_by(replacement).key(name);
        }
        redaction
    }
}
