use crate::{
    parse::problem::{InvalidRules, Problem},
    redaction::Redaction,
    replacement::Replacement,
};

/// Returns the error for the replacement `pseudonym` of a word.
pub(in crate::parse) fn replacement(word: &str) -> Result<Replacement, InvalidRules> {
    Err(missing(format!("`{word}=pseudonym`")))
}

/// Returns the replacement of a word that names none.
pub(in crate::parse) fn default_replacement(_has_key: bool) -> Replacement {
    Replacement::Redacted
}

/// Returns the error for a key of pseudonyms.
pub(in crate::parse) fn with_key(
    _redaction: Redaction,
    _key: &str,
) -> Result<Redaction, InvalidRules> {
    Err(missing("the key of pseudonyms".to_owned()))
}

fn missing(what: String) -> InvalidRules {
    Problem::NeedsFeature {
        what,
        feature: "pseudonyms",
    }
    .into()
}
