use super::{
    problem::{InvalidRules, Problem},
    pseudonyms,
    word::Word,
};
use crate::{
    key_pattern::KeyPattern, key_words::is_separator, redaction::Redaction,
    replacement::Replacement,
};

/// The keys of the application.
#[derive(Debug)]
pub(super) struct KeyNames<'t> {
    names: Vec<(&'t str, Option<Replacement>)>,
}

impl<'t> KeyNames<'t> {
    pub(super) fn parse(list: &'t str) -> Result<Self, InvalidRules> {
        if Word::are_missing(list) {
            return Err(Problem::NoKey(list.to_owned()).into());
        }
        let mut names = Vec::new();
        let mut patterns = Vec::new();
        for word in Word::all(list) {
            if !is_key(word.name) {
                return Err(Problem::NotAKey(word.name.to_owned()).into());
            }
            let pattern = KeyPattern::new(word.name);
            if patterns.contains(&pattern) {
                return Err(Problem::KeyTwice(word.name.to_owned()).into());
            }
            patterns.push(pattern);
            names.push((word.name, word.replacement()?));
        }
        Ok(Self { names })
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

/// Returns whether a name can be a key: it has letters or digits, and neither spaces nor quotes. A pattern of nothing but `*` would match all
/// keys.
fn is_key(name: &str) -> bool {
    let is_empty = name.chars().all(|it| it == '*' || is_separator(it));
    let is_wrong = |it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '`');
    !is_empty && !name.contains(is_wrong)
}
