use crate::{key_ends::KeyEnds, prepared::Prepared, redaction::Redaction};

/// Without the feature, texts have no secrets.
#[derive(Debug)]
pub(crate) struct Texts;

impl Texts {
    pub(crate) fn new(_: &Redaction) -> Self {
        Self
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        std::iter::empty()
    }

    pub(crate) fn has_patterns(&self) -> bool {
        false
    }

    pub(crate) fn may_match(&self, _: &KeyEnds, _: &[u8]) -> bool {
        false
    }

    pub(crate) fn redact(&self, _: &Prepared, _: &str) -> Option<String> {
        None
    }
}
