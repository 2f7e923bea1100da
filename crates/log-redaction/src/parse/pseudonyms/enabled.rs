use crate::{parse::problem::InvalidRules, redaction::Redaction, replacement::Replacement};

/// Returns the replacement `pseudonym` of a word.
pub(in crate::parse) fn replacement(_word: &str) -> Result<Replacement, InvalidRules> {
    Ok(Replacement::Pseudonym)
}

/// Returns the replacement of a word that names none.
pub(in crate::parse) fn default_replacement(has_key: bool) -> Replacement {
    match has_key {
        true => Replacement::Pseudonym,
        false => Replacement::Redacted,
    }
}

pub(in crate::parse) fn with_key(
    redaction: Redaction,
    key: &str,
) -> Result<Redaction, InvalidRules> {
    Ok(redaction.with_pseudonym_key(key))
}
