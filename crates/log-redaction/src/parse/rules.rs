//! Words become rules.

use super::{
    key_names::KeyNames,
    problem::{InvalidRules, MIN_KEY_BYTES, Problem},
    pseudonyms,
    sets::Sets,
};
use crate::redaction::Redaction;

impl Redaction {
    /// Reads rules from the words of a setting, as environment variables and command lines have them.
    ///
    /// `sets` is `none`, or a list of `keys`, `secrets`, `cards`, `emails` and `ips`. `keys` is [`secret_keys`](Self::secret_keys), and the
    /// others are the methods of the same names. `own_keys` is a list of keys as [`key`](Self::key) reads them, such as `ssn,card*`. They
    /// come first, so a set does not change their replacement. Both lists can be empty.
    ///
    /// A word can name what stands in place of the secret: `redacted`, `pseudonym`, `last4` or `remove`, as in `emails=pseudonym`. Without a
    /// name this is `[redacted]`. If there is a key of pseudonyms, it is a pseudonym for own keys, e-mail addresses and IP addresses.
    ///
    /// ```
    /// use log_redaction::Redaction;
    ///
    /// let redactor = Redaction::parse("keys", "ssn,iban=last4", None)?.build();
    /// assert!(redactor.key("customer.ssn").is_some());
    /// assert!(redactor.key("password").is_some());
    ///
    /// let error = Redaction::parse("passwords", "", None).unwrap_err();
    /// assert!(error.to_string().starts_with("unknown word `passwords`: expected"));
    /// # Ok::<(), log_redaction::InvalidRules>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a word or a replacement is unknown, a set or a key is named twice, a list has commas or spaces and no word, a key has spaces, quotes
    /// or neither letters nor digits, the key of pseudonyms is shorter than 16 bytes or blank, or a word needs a feature that is off.
    pub fn parse(
        sets: &str,
        own_keys: &str,
        pseudonym_key: Option<&str>,
    ) -> Result<Self, InvalidRules> {
        let sets = Sets::parse(sets)?;
        let own_keys = KeyNames::parse(own_keys)?;
        let mut redaction = Self::new();
        if let Some(key) = pseudonym_key {
            if !key.is_empty() && key.trim().is_empty() {
                return Err(Problem::BlankKey.into());
            }
            if key.len() < MIN_KEY_BYTES {
                return Err(Problem::ShortKey.into());
            }
            redaction = pseudonyms::with_key(redaction, key)?;
        }
        let has_key = pseudonym_key.is_some();
        sets.add_to(own_keys.add_to(redaction, has_key), has_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replacement::Replacement;

    fn replacement(redaction: &Redaction, key: &str) -> Option<Replacement> {
        let rule = redaction.build().key(key);
        rule.map(|rule| rule.replacement())
    }

    fn error(sets: &str, own_keys: &str, pseudonym_key: Option<&str>) -> String {
        let rules = Redaction::parse(sets, own_keys, pseudonym_key);
        rules.expect_err("the rules are invalid").to_string()
    }

    #[test]
    fn empty_lists_and_none_are_no_rules() {
        for sets in ["", "none", " none ", "none,", "NONE"] {
            let rules = Redaction::parse(sets, "", None).expect("the words are valid");
            assert_eq!(replacement(&rules, "password"), None, "{sets}");
        }
    }

    #[test]
    fn own_keys_come_before_the_keys_of_the_sets() {
        let rules = Redaction::parse("keys", "token=last4, ssn ,card*=remove", None)
            .expect("the words are valid");
        for (key, expected) in [
            ("token", Some(Replacement::LastFour)),
            ("ssn", Some(Replacement::Redacted)),
            ("card_number", Some(Replacement::Remove)),
            ("password", Some(Replacement::Redacted)),
            ("orders", None),
        ] {
            assert_eq!(replacement(&rules, key), expected, "{key}");
        }
    }

    #[test]
    fn own_keys_are_used_without_a_set_too() {
        let rules = Redaction::parse("none", "ssn", None).expect("the words are valid");
        assert_eq!(replacement(&rules, "ssn"), Some(Replacement::Redacted));
        assert_eq!(replacement(&rules, "password"), None);
    }

    #[test]
    fn the_keys_of_a_set_keep_booleans_and_own_keys_do_not() {
        let rules = Redaction::parse("keys", "ssn", None).expect("the words are valid");
        let redactor = rules.build();
        let keeps = |key| redactor.key(key).map(|rule| rule.keeps_booleans());
        assert_eq!((keeps("password"), keeps("ssn")), (Some(true), Some(false)));
    }

    #[test]
    fn an_error_names_the_word_and_what_is_expected() {
        let sets = "`none`, or a list of `keys`, `secrets`, `cards`, `emails` and `ips`, each alone or with a replacement, as in \
                    `emails=pseudonym`";
        let key = "expected letters or digits, with or without `*`, and no spaces or quotes, as in `ssn,card*`";
        let replacements = "expected `redacted`, `pseudonym`, `last4` or `remove`";
        for (words, keys, expected) in [
            (
                "keys,pins",
                "",
                format!("unknown word `pins`: expected {sets}"),
            ),
            ("=remove", "", format!("unknown word ``: expected {sets}")),
            (
                "keys=hidden",
                "",
                format!("unknown replacement `hidden` in `keys=hidden`: {replacements}"),
            ),
            (
                "",
                "ssn=",
                format!("unknown replacement `` in `ssn=`: {replacements}"),
            ),
            (
                "keys,none",
                "",
                "`none` excludes all other words: remove it, or the others".to_owned(),
            ),
            (
                "none=remove",
                "",
                "`none` has no replacement: remove `=remove`".to_owned(),
            ),
            ("keys,keys=remove", "", "`keys` is named twice".to_owned()),
            ("", "ssn,-", format!("`-` is not the name of a key: {key}")),
            ("", "=last4", format!("`` is not the name of a key: {key}")),
            ("", "*", format!("`*` is not the name of a key: {key}")),
            (
                "",
                "a,b c",
                format!("`b c` is not the name of a key: {key}"),
            ),
            (
                "",
                "\"ssn\"",
                format!("`\"ssn\"` is not the name of a key: {key}"),
            ),
            (
                "",
                "api_key,ApiKey=remove",
                "the key `ApiKey` is named twice".to_owned(),
            ),
            (",", "", format!("no word in `,`: expected {sets}")),
            (" ", "", format!("no word in ` `: expected {sets}")),
            ("", ", ,", format!("no key in `, ,`: {key}")),
        ] {
            assert_eq!(error(words, keys, None), expected, "{words} {keys}");
        }
    }

    #[test]
    fn the_error_of_a_short_pseudonym_key_does_not_show_it() {
        assert_eq!(
            error("keys", "", Some("hunter2")),
            "the key of pseudonyms is too short: it must have at least 16 bytes"
        );
    }

    #[test]
    fn a_pseudonym_key_of_blanks_is_an_error() {
        assert_eq!(
            error("keys", "", Some(&" ".repeat(20))),
            "the key of pseudonyms has nothing but spaces"
        );
    }

    #[cfg(feature = "pseudonyms")]
    #[test]
    fn a_pseudonym_key_changes_own_keys_unless_a_word_says_otherwise() {
        let rules = Redaction::parse("keys", "user,iban=last4", Some("0123456789abcdef"))
            .expect("the words are valid");
        for (key, expected) in [
            ("user", Replacement::Pseudonym),
            ("iban", Replacement::LastFour),
            ("password", Replacement::Redacted),
        ] {
            assert_eq!(replacement(&rules, key), Some(expected), "{key}");
        }
    }

    #[cfg(feature = "patterns")]
    #[test]
    fn secrets_have_the_keys_too_and_the_replacement_of_keys_wins() {
        let rules = Redaction::parse("secrets=last4,keys=remove", "", None);
        let rules = rules.expect("the words are valid");
        assert_eq!(replacement(&rules, "password"), Some(Replacement::Remove));
        let rules = Redaction::parse("secrets=last4,cards,emails,ips", "", None);
        let rules = rules.expect("the words are valid");
        assert_eq!(replacement(&rules, "password"), Some(Replacement::LastFour));
    }

    #[cfg(not(feature = "patterns"))]
    #[test]
    fn a_word_that_needs_a_feature_names_the_feature_of_the_caller() {
        let rules = Redaction::parse("keys,cards", "", None);
        let error = rules.expect_err("patterns are off");
        assert_eq!(
            error.to_string(),
            "`cards` needs the feature `patterns` of log-redaction"
        );
        assert_eq!(
            error.with_feature("redact").to_string(),
            "`cards` needs the feature `redact`"
        );
    }

    #[cfg(not(feature = "pseudonyms"))]
    #[test]
    fn pseudonyms_need_a_feature() {
        assert_eq!(
            error("", "ssn=pseudonym", None),
            "`ssn=pseudonym` needs the feature `pseudonyms` of log-redaction"
        );
        assert_eq!(
            error("", "", Some("0123456789abcdef")),
            "the key of pseudonyms needs the feature `pseudonyms` of log-redaction"
        );
    }
}
