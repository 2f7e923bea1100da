use super::form::Form;
use crate::redaction::Redaction;
use aho_corasick::AhoCorasick;

/// The literals of the user's patterns.
#[derive(Debug)]
pub(super) enum OwnLiterals {
    None,
    Literals(AhoCorasick),
    /// There is a pattern without literals.
    Any,
}

impl OwnLiterals {
    pub(super) fn new(redaction: &Redaction) -> Self {
        let mut all = Vec::new();
        for pattern in &redaction.patterns {
            if let Form::Own(own) = &pattern.form {
                match own.literals() {
                    Some(literals) => all.extend(literals),
                    None => return Self::Any,
                }
            }
        }
        if all.is_empty() {
            return Self::None;
        }
        AhoCorasick::new(all).map_or(Self::Any, Self::Literals)
    }

    /// Returns whether no pattern of the user is left to search for.
    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    pub(super) fn may_match(&self, text: &[u8]) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::Literals(literals) => literals.is_match(text),
        }
    }
}
