use crate::{
    parse::problem::{InvalidRules, Problem},
    redaction::Redaction,
};

/// Adds the set with this name.
pub(in crate::parse) fn add(redaction: Redaction, set: &str) -> Result<Redaction, InvalidRules> {
    match set {
        "secrets" => Ok(redaction.secrets()),
        "cards" => Ok(redaction.cards()),
        "emails" => Ok(redaction.emails()),
        "ips" => Ok(redaction.ips()),
        _ => Err(Problem::UnknownSet(set.to_owned()).into()),
    }
}
