use crate::{
    counts::RuleCount,
    key_rule::KeyRule,
    prepared::Prepared,
    redaction::Redaction,
    replacement::{REDACTED, Replacement},
    texts::Texts,
};
use std::{borrow::Cow, sync::Arc};

/// Prepared rules. A clone shares the counters.
#[derive(Clone, Debug)]
pub struct Redactor {
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    prepared: Prepared,
    texts: Texts,
}

impl Redaction {
    /// Prepares the rules.
    #[must_use]
    pub fn build(&self) -> Redactor {
        Redactor::new(self)
    }
}

impl Redactor {
    fn new(redaction: &Redaction) -> Self {
        let texts = Texts::new(redaction);
        Self {
            rules: Arc::new(Rules {
                prepared: Prepared::new(redaction, texts.names()),
                texts,
            }),
        }
    }

    #[inline]
    pub(crate) fn prepared(&self) -> &Prepared {
        &self.rules.prepared
    }

    /// Returns the rule for the fields with this key, if there is one: a key rule, or a path rule that ends with this key.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<KeyRule> {
        self.prepared().key(key)
    }

    /// Returns whether the rules include those of [`Redaction::secret_keys`].
    #[must_use]
    pub fn has_secret_keys(&self) -> bool {
        self.prepared().redaction().has_secret_keys
    }

    /// Returns what stands in place of a value with such a key, and counts it. `None` if the field is left out. `value` is only called for
    /// replacements that depend on the value, and gets a buffer for its text.
    #[inline]
    pub fn replace(
        &self,
        rule: &KeyRule,
        value: impl FnOnce(&mut String),
    ) -> Option<Cow<'static, str>> {
        self.prepared().count(rule.rule as usize);
        match rule.replacement {
            Replacement::Redacted => Some(Cow::Borrowed(REDACTED)),
            Replacement::Remove => None,
            dependent => {
                let mut text = String::new();
                value(&mut text);
                self.prepared().replacement_of(dependent, &text)
            }
        }
    }

    /// Returns a URL with `REDACTED` in place of user, password and the values of secret parameters, and counts them. If the text is not a
    /// valid URL, its whole query and its fragment are removed too.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        self.prepared().url(url)
    }

    /// Returns a URL's query with `REDACTED` in place of the values of secret parameters, and counts them.
    #[must_use]
    pub fn query<'q>(&self, query: &'q str) -> Cow<'q, str> {
        self.prepared().query(query)
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
        self.has_patterns() && self.rules.texts.may_match(self.prepared().key_ends(), text)
    }

    /// Returns the text with its secret parts replaced, and counts them. `None` if it has none.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        if self.may_match(text.as_bytes()) {
            self.rules.texts.redact(self.prepared(), text)
        } else {
            None
        }
    }

    /// Returns the rules that have replaced something.
    #[must_use]
    pub fn counts(&self) -> Vec<RuleCount> {
        self.prepared().counts()
    }
}
