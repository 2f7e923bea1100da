use crate::{
    parse::problem::{InvalidRules, Problem},
    redaction::Redaction,
};

/// Returns the error for the set with this name, since all sets but `keys` have patterns.
pub(in crate::parse) fn add(_redaction: Redaction, set: &str) -> Result<Redaction, InvalidRules> {
    Err(Problem::NeedsFeature {
        what: format!("`{set}`"),
        feature: "patterns",
    }
    .into())
}
