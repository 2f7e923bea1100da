use crate::{
    counts::{Counts, RuleCount},
    key_ends::KeyEnds,
    key_rule::KeyRule,
    key_words::KeyWords,
    pseudonyms::Pseudonyms,
    redaction::Redaction,
    texts::Texts,
};
use std::sync::Arc;

/// The names of the rules for URLs. Each redactor has them.
const URL_RULES: [&str; 2] = ["url parameter", "url credentials"];

/// Prepared rules. A clone shares the counters.
#[derive(Clone, Debug)]
pub struct Redactor {
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    redaction: Redaction,
    key_ends: KeyEnds,
    texts: Texts,
    #[cfg_attr(
        not(feature = "pseudonyms"),
        expect(dead_code, reason = "no replacement needs them")
    )]
    pseudonyms: Pseudonyms,
    counts: Counts,
}

impl Redactor {
    pub(crate) fn new(redaction: &Redaction) -> Self {
        let keys = redaction.keys.iter().map(|key| key.name.clone());
        let paths = redaction.paths.iter().map(|path| path.name.clone());
        let urls = URL_RULES.map(str::to_owned);
        let texts = Texts::new(redaction);
        let names = keys.chain(paths).chain(urls).chain(texts.names());
        Self {
            rules: Arc::new(Rules {
                counts: Counts::new(names),
                key_ends: KeyEnds::new(redaction),
                pseudonyms: Pseudonyms::new(redaction),
                texts,
                redaction: redaction.clone(),
            }),
        }
    }

    /// Returns the rule for the fields with this key, if there is one: a key rule, or a path rule that ends with this key.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<KeyRule> {
        self.named_key(key).or_else(|| {
            let mut paths = self.rules.redaction.paths.iter();
            let is_whole = |path: &crate::redaction::NamedPath| {
                let depth = path.pattern.step(0, key);
                depth.is_some_and(|depth| path.pattern.is_whole(depth))
            };
            self.path_rule(paths.position(is_whole)?)
        })
    }

    /// Returns the key rule for a key.
    pub(crate) fn named_key(&self, key: &str) -> Option<KeyRule> {
        if !self.rules.key_ends.may_match(key.as_bytes()) {
            return None;
        }
        let words = KeyWords::of(key);
        let mut rules = self.rules.redaction.keys.iter().enumerate();
        let (index, rule) = rules.find(|(_, rule)| rule.pattern.matches(&words))?;
        Some(KeyRule {
            rule: u32::try_from(index).ok()?,
            replacement: rule.replacement,
            keeps_booleans: rule.keeps_booleans,
        })
    }

    /// Returns the path rule with this number.
    pub(crate) fn path_rule(&self, index: usize) -> Option<KeyRule> {
        let path = self.rules.redaction.paths.get(index)?;
        Some(KeyRule {
            rule: u32::try_from(self.rules.redaction.keys.len() + index).ok()?,
            replacement: path.replacement,
            keeps_booleans: false,
        })
    }

    /// Returns whether the rules include those of [`Redaction::secret_keys`].
    #[must_use]
    pub fn has_secret_keys(&self) -> bool {
        self.rules.redaction.has_secret_keys
    }

    /// Returns whether texts can have parts that [`text`](Self::text) replaces.
    #[must_use]
    #[inline]
    pub fn has_patterns(&self) -> bool {
        self.rules.texts.has_patterns()
    }

    /// Returns whether a text may have a part that [`text`](Self::text) replaces. This is a quick search for characters that all such parts
    /// have. `text` may be the inside of a JSON string, or JSON: escapes make no difference.
    #[must_use]
    #[inline]
    pub fn may_match(&self, text: &[u8]) -> bool {
        self.has_patterns() && self.rules.texts.may_match(&self.rules.key_ends, text)
    }

    /// Returns the text with its secret parts replaced, and counts them. `None` if it has none.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        if self.may_match(text.as_bytes()) {
            self.rules.texts.redact(self, text)
        } else {
            None
        }
    }

    /// Returns the rules that have replaced something.
    #[must_use]
    pub fn counts(&self) -> Vec<RuleCount> {
        self.rules.counts.all()
    }

    pub(crate) fn redaction(&self) -> &Redaction {
        &self.rules.redaction
    }

    #[cfg(feature = "pseudonyms")]
    pub(crate) fn pseudonyms(&self) -> &Pseudonyms {
        &self.rules.pseudonyms
    }

    #[inline]
    pub(crate) fn count(&self, rule: usize) {
        self.rules.counts.add(rule);
    }

    /// Returns the number of the rule for parameters that are secret only in a URL.
    pub(crate) fn url_parameters(&self) -> usize {
        self.rules.redaction.keys.len() + self.rules.redaction.paths.len()
    }

    /// Returns the number of the rule for user and password of a URL.
    pub(crate) fn url_credentials(&self) -> usize {
        self.url_parameters() + 1
    }

    /// Returns the number of the first pattern's rule.
    #[cfg(feature = "patterns")]
    pub(crate) fn first_pattern(&self) -> usize {
        self.url_parameters() + URL_RULES.len()
    }
}
