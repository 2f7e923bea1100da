use super::number::NonFinite;
use log_redaction::{KeyRule, Redactor};
use std::borrow::Cow;

/// How far a value is formatted beyond the line's limit while patterns are active, in bytes. The patterns know a secret by a prefix of this
/// length, so they find one that the limit would cut.
pub(super) const BEYOND_LIMIT: usize = 16 * 1024;

/// The parts of a value's form that the schema and the layer decide.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) non_finite: NonFinite,
    /// The suffix of the key for an error's sources.
    pub(crate) sources_suffix: &'static str,
    /// After this many bytes, the rest of a formatted value is discarded.
    pub(crate) limit: usize,
    /// `None` if nothing is redacted.
    pub(crate) redactor: Option<Redactor>,
}

impl Rules {
    /// Returns rules for lines of at most `max_line_bytes`.
    pub(crate) fn new(
        non_finite: NonFinite,
        sources_suffix: &'static str,
        max_line_bytes: usize,
        redactor: Option<Redactor>,
    ) -> Self {
        let has_patterns = redactor.as_ref().is_some_and(Redactor::has_patterns);
        Self {
            non_finite,
            sources_suffix,
            limit: match has_patterns {
                true => max_line_bytes.saturating_add(BEYOND_LIMIT),
                false => max_line_bytes,
            },
            redactor,
        }
    }

    /// Returns the rule for the fields with this key, if there is one.
    pub(crate) fn key(&self, key: &str) -> Option<KeyRule> {
        self.redactor.as_ref()?.key(key)
    }

    /// Returns a text without the secrets that patterns find in it.
    pub(crate) fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let redacted = self.patterns().and_then(|redactor| redactor.text(text));
        redacted.map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Returns the redactor, if it has patterns.
    #[inline]
    pub(crate) fn patterns(&self) -> Option<&Redactor> {
        self.redactor
            .as_ref()
            .filter(|redactor| redactor.has_patterns())
    }
}
