use super::{encoded, hits::Hits, keys, prefilter::Prefilter, unescaped::unescaped};
use crate::{key_ends::KeyEnds, prepared::Prepared, redaction::Redaction};

/// How often a text may be encoded, such as a URL within a parameter of a URL. The limit keeps the time linear in the text's length.
const ENCODINGS: usize = 3;

/// Finds the secrets in texts.
#[derive(Debug)]
pub(crate) struct Texts {
    names: Vec<String>,
    has_keys: bool,
    /// `None` if there is nothing to find.
    prefilter: Option<Prefilter>,
}

impl Texts {
    pub(crate) fn new(redaction: &Redaction) -> Self {
        let names = redaction.patterns.iter().map(|pattern| &pattern.name);
        let has_keys = redaction.has_keys_in_texts;
        let is_needed = has_keys || !redaction.patterns.is_empty();
        Self {
            names: names.cloned().collect(),
            has_keys,
            prefilter: is_needed.then(|| Prefilter::new(redaction)),
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.names.iter().cloned()
    }

    #[inline]
    pub(crate) fn has_patterns(&self) -> bool {
        self.prefilter.is_some()
    }

    #[inline]
    pub(crate) fn may_match(&self, keys: &KeyEnds, text: &[u8]) -> bool {
        self.prefilter
            .as_ref()
            .is_some_and(|prefilter| prefilter.may_match(keys, text))
    }

    #[cold]
    pub(crate) fn redact(&self, rules: &Prepared, text: &str) -> Option<String> {
        self.encoded(rules, text, ENCODINGS)
    }

    /// Redacts a text, in which texts may be encoded this many times. An encoded text is secret by what it says when it is decoded, so it comes
    /// first.
    fn encoded(&self, rules: &Prepared, text: &str, encodings: usize) -> Option<String> {
        let Some(rest) = encodings.checked_sub(1) else {
            return self.plain(rules, text);
        };
        let decoded = |text: &str| self.encoded(rules, text, rest);
        if let Some(redacted) = encoded::unescaped(text).and_then(|text| decoded(&text)) {
            return Some(redacted);
        }
        let changed = encoded::redact(text, decoded);
        let text = changed.as_deref().unwrap_or(text);
        self.plain(rules, text).or(changed)
    }

    /// Redacts a text as it is, without its encoded parts.
    fn plain(&self, rules: &Prepared, text: &str) -> Option<String> {
        let mut hits = Hits::new(text);
        let unescaped = unescaped(text);
        // A rule for a key knows better than a pattern what its value is.
        if self.has_keys {
            keys::find(rules, &unescaped, &mut hits);
        }
        let first = rules.first_pattern();
        for (index, pattern) in rules.redaction().patterns.iter().enumerate() {
            pattern.form.find(text, &unescaped, |range| {
                hits.push(range, first + index, pattern.replacement);
            });
        }
        hits.replaced(rules)
    }
}
