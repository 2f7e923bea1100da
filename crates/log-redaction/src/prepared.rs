use crate::{
    counts::{Counts, RuleCount},
    key_ends::KeyEnds,
    key_rule::KeyRule,
    key_words::KeyWords,
    pseudonyms::Pseudonyms,
    redaction::{NamedPath, Redaction},
};

/// The names of the rules for URLs. Each redactor has them.
const URL_RULES: [&str; 2] = ["url parameter", "url credentials"];

/// Prepared rules, without the search in texts.
#[derive(Debug)]
pub(crate) struct Prepared {
    redaction: Redaction,
    key_ends: KeyEnds,
    #[cfg_attr(
        not(feature = "pseudonyms"),
        expect(dead_code, reason = "no replacement needs them")
    )]
    pseudonyms: Pseudonyms,
    counts: Counts,
}

impl Prepared {
    /// Prepares the rules. The patterns have these names.
    pub(crate) fn new(redaction: &Redaction, patterns: impl Iterator<Item = String>) -> Self {
        let keys = redaction.keys.iter().map(|key| key.name.clone());
        let paths = redaction.paths.iter().map(|path| path.name.clone());
        let urls = URL_RULES.map(str::to_owned);
        Self {
            counts: Counts::new(keys.chain(paths).chain(urls).chain(patterns)),
            key_ends: KeyEnds::new(redaction),
            pseudonyms: Pseudonyms::new(redaction),
            redaction: redaction.clone(),
        }
    }

    pub(crate) fn key_ends(&self) -> &KeyEnds {
        &self.key_ends
    }

    /// Returns the rules that have replaced something.
    pub(crate) fn counts(&self) -> Vec<RuleCount> {
        self.counts.all()
    }

    /// Returns the rule for the fields with this key: a key rule, or a path rule that ends with this key.
    pub(crate) fn key(&self, key: &str) -> Option<KeyRule> {
        self.named_key(key).or_else(|| {
            let mut paths = self.redaction.paths.iter();
            let is_whole = |path: &NamedPath| {
                let depth = path.pattern.step(0, key);
                depth.is_some_and(|depth| path.pattern.is_whole(depth))
            };
            self.path_rule(paths.position(is_whole)?)
        })
    }

    /// Returns the key rule for a key.
    pub(crate) fn named_key(&self, key: &str) -> Option<KeyRule> {
        if !self.key_ends.may_match(key.as_bytes()) {
            return None;
        }
        let words = KeyWords::of(key);
        let mut rules = self.redaction.keys.iter().enumerate();
        let (index, rule) = rules.find(|(_, rule)| rule.pattern.matches(&words))?;
        Some(KeyRule {
            rule: u32::try_from(index).ok()?,
            replacement: rule.replacement,
            keeps_booleans: rule.keeps_booleans,
        })
    }

    /// Returns the path rule with this number.
    pub(crate) fn path_rule(&self, index: usize) -> Option<KeyRule> {
        let path = self.redaction.paths.get(index)?;
        Some(KeyRule {
            rule: u32::try_from(self.redaction.keys.len() + index).ok()?,
            replacement: path.replacement,
            keeps_booleans: false,
        })
    }

    pub(crate) fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    #[cfg(feature = "pseudonyms")]
    pub(crate) fn pseudonyms(&self) -> &Pseudonyms {
        &self.pseudonyms
    }

    #[inline]
    pub(crate) fn count(&self, rule: usize) {
        self.counts.add(rule);
    }

    /// Returns the number of the rule for parameters that are secret only in a URL.
    pub(crate) fn url_parameters(&self) -> usize {
        self.redaction.keys.len() + self.redaction.paths.len()
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
