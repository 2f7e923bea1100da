use crate::replacement::Replacement;

/// The rule for the fields of one key, as [`Redactor::key`](crate::Redactor::key) finds it. Look it up once for each place that logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRule {
    /// The number of the rule.
    pub(crate) rule: u32,
    pub(crate) replacement: Replacement,
    /// Whether booleans are left as they are.
    pub(crate) keeps_booleans: bool,
}

impl KeyRule {
    /// Returns what stands in place of the value.
    #[must_use]
    #[inline]
    pub fn replacement(&self) -> Replacement {
        self.replacement
    }

    /// Returns whether booleans are left as they are: `has_password=true` is no password.
    #[must_use]
    #[inline]
    pub fn keeps_booleans(&self) -> bool {
        self.keeps_booleans
    }
}
