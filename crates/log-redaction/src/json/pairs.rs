//! Names whose value is beside them, as in `["password","x"]` and `{"name":"password","value":"x"}`.

use super::{strings::decoded, walk::Walk};
use crate::key_rule::KeyRule;

impl Walk<'_> {
    /// Returns the rule for the second of two strings in a list, if the first is its key.
    pub(super) fn pair_rule(&mut self, is_first: bool) -> Option<KeyRule> {
        let named = if is_first { self.named_rule() } else { None };
        let rule = std::mem::replace(&mut self.containers.last_mut()?.named, named)?;
        let after = self.tokens.json.get(self.string_end()?..)?;
        let is_last = after.trim_ascii_start().starts_with(']');
        (is_last && self.named_rule().is_none()).then_some(rule)
    }

    /// Returns the rule for the key that is the string here.
    pub(super) fn named_rule(&self) -> Option<KeyRule> {
        let end = self.string_end()?;
        let name = self.tokens.json.get(self.tokens.at + 1..end - 1)?;
        self.redactor.prepared().named_key(&decoded(name))
    }

    /// Returns where the string here ends.
    fn string_end(&self) -> Option<usize> {
        match self.tokens.peek() {
            Some(b'"') => self.tokens.value_end(),
            _ => None,
        }
    }
}
