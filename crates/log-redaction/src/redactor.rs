use crate::{
    counts::{Counts, RuleCount},
    key_rule::KeyRule,
    key_words::KeyWords,
    redaction::Redaction,
    replacement::{REDACTED, Replacement},
};
use std::{borrow::Cow, sync::Arc};

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
    counts: Counts,
}

impl Redactor {
    pub(crate) fn new(redaction: &Redaction) -> Self {
        let keys = redaction.keys.iter().map(|key| key.name.clone());
        let paths = redaction.paths.iter().map(|path| path.name.clone());
        let urls = URL_RULES.map(str::to_owned);
        Self {
            rules: Arc::new(Rules {
                counts: Counts::new(keys.chain(paths).chain(urls)),
                redaction: redaction.clone(),
            }),
        }
    }

    pub(crate) fn redaction(&self) -> &Redaction {
        &self.rules.redaction
    }

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

    /// Returns the rule for the fields with this key, if there is one.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<KeyRule> {
        let words = KeyWords::of(key);
        let mut rules = self.rules.redaction.keys.iter().enumerate();
        let (index, rule) = rules.find(|(_, rule)| rule.pattern.matches(&words))?;
        Some(KeyRule {
            rule: u32::try_from(index).ok()?,
            replacement: rule.replacement,
            keeps_booleans: rule.keeps_booleans,
        })
    }

    /// Returns what stands in place of a value with such a key, and counts it. `None` if the field is left out. `value` is only called for
    /// replacements that depend on the value, and gets a buffer for its text.
    #[inline]
    pub fn replace(
        &self,
        rule: &KeyRule,
        value: impl FnOnce(&mut String),
    ) -> Option<Cow<'static, str>> {
        self.rules.counts.add(rule.rule as usize);
        match rule.replacement {
            Replacement::Redacted => Some(Cow::Borrowed(REDACTED)),
            Replacement::Remove => None,
            _ => {
                let mut text = String::new();
                value(&mut text);
                Some(Cow::Borrowed(REDACTED))
            }
        }
    }

    /// Returns whether texts can have parts that [`text`](Self::text) replaces.
    #[must_use]
    #[inline]
    pub fn has_patterns(&self) -> bool {
        false
    }

    /// Returns whether a text may have a part that [`text`](Self::text) replaces. This is a quick search for characters that all such parts
    /// have. `text` may be the inside of a JSON string, or JSON: escapes make no difference.
    #[must_use]
    #[inline]
    pub fn may_match(&self, text: &[u8]) -> bool {
        let _ = text;
        false
    }

    /// Returns the text with its secret parts replaced, and counts them. `None` if it has none.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        let _ = text;
        None
    }

    /// Returns the JSON value of the field `key` with all secrets in it replaced, and counts them: by the keys and paths within it, and by
    /// patterns in its strings. `None` if it has none. The value's own key is not looked up.
    #[must_use]
    pub fn json(&self, key: &str, json: &[u8]) -> Option<Vec<u8>> {
        let _ = (key, json);
        None
    }

    /// Returns a line of another program with all secrets in it replaced, and counts them. `None` if it has none. A line that is a JSON
    /// object is redacted by its keys, paths and patterns, and any other line as a text.
    #[must_use]
    pub fn line(&self, line: &[u8]) -> Option<Vec<u8>> {
        let _ = line;
        None
    }

    /// Returns the rules that have replaced something.
    #[must_use]
    pub fn counts(&self) -> Vec<RuleCount> {
        self.rules.counts.all()
    }
}
