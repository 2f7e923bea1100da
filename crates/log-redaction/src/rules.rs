//! What the rules of a redaction are.

use crate::{redaction::Redaction, replacement::Replacement};

impl Redaction {
    /// Returns the name of each rule, and what it puts in the place of a secret.
    pub fn rules(&self) -> impl Iterator<Item = (&str, Replacement)> {
        let keys = self.keys.iter().map(|key| (&*key.name, key.replacement));
        let paths = self.paths.iter();
        let rules = keys.chain(paths.map(|path| (&*path.name, path.replacement)));
        #[cfg(feature = "patterns")]
        let rules = {
            let patterns = self.patterns.iter();
            rules.chain(patterns.map(|pattern| (&*pattern.name, pattern.replacement)))
        };
        rules
    }

    /// Returns whether a rule replaces values by pseudonyms, and no key for them is set. Then another process, such as the same program
    /// after a restart, has other pseudonyms for the same values.
    #[cfg(feature = "pseudonyms")]
    #[must_use]
    pub fn has_random_pseudonyms(&self) -> bool {
        let has_pseudonyms = || {
            let mut rules = self.rules();
            rules.any(|(_, replacement)| replacement == Replacement::Pseudonym)
        };
        self.pseudonym_key.is_none() && has_pseudonyms()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rules_are_returned_with_their_replacements() {
        let redaction = Redaction::new()
            .key("ssn")
            .replaced_by(Replacement::Remove)
            .path("a.b");
        let rules: Vec<_> = redaction.rules().collect();
        assert_eq!(
            rules,
            [("ssn", Replacement::Redacted), ("a.b", Replacement::Remove)]
        );
    }

    #[cfg(all(feature = "patterns", feature = "pseudonyms"))]
    #[test]
    fn pseudonyms_of_any_rule_are_random_without_a_key() {
        let rules = || Redaction::new().replaced_by(Replacement::Pseudonym);
        assert!(!Redaction::new().secrets().has_random_pseudonyms());
        assert!(!rules().has_random_pseudonyms());
        for rules in [rules().key("a"), rules().path("a.b"), rules().emails()] {
            assert!(rules.has_random_pseudonyms());
            let keyed = rules.with_pseudonym_key("a key of pseudonyms");
            assert!(!keyed.has_random_pseudonyms());
        }
    }
}
