//! How often each rule has replaced something.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How often a rule has replaced something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleCount {
    /// The rule: the name of a key rule's pattern, such as `password`, of a path rule, such as `customer.iban`, or of a pattern, such as
    /// `jwt`.
    pub rule: String,
    /// The number of values, or parts of texts, that it has replaced or removed.
    pub count: u64,
}

/// A counter for each rule.
#[derive(Debug)]
pub(crate) struct Counts {
    rules: Vec<(String, AtomicU64)>,
}

impl Counts {
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        let rules = names.into_iter().map(|name| (name, AtomicU64::new(0)));
        Self {
            rules: rules.collect(),
        }
    }

    #[inline]
    pub(crate) fn add(&self, rule: usize) {
        if let Some((_, count)) = self.rules.get(rule) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// Returns the rules that have replaced something.
    pub(crate) fn all(&self) -> Vec<RuleCount> {
        let rules = self.rules.iter().map(|(rule, count)| RuleCount {
            rule: rule.clone(),
            count: count.load(Relaxed),
        });
        rules.filter(|rule| rule.count > 0).collect()
    }
}
