use std::{error::Error, fmt};

/// Why [`Redaction::parse`](crate::Redaction::parse) cannot read rules. The text says which word is wrong and what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRules {
    problem: Problem,
    /// The feature that the caller has for it.
    feature: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// A list of sets that has no word.
    NoSet(String),
    /// A list of keys that has no word.
    NoKey(String),
    UnknownSet(String),
    UnknownReplacement {
        word: String,
        replacement: String,
    },
    NoneAndOthers,
    /// `none` with this replacement.
    NoneReplaced(String),
    Twice(&'static str),
    NotAKey(String),
    KeyTwice(String),
    ShortKey,
    BlankKey,
    /// Without a feature of this crate, something is not available.
    #[cfg_attr(
        all(feature = "patterns", feature = "pseudonyms"),
        expect(dead_code, reason = "all features are on")
    )]
    NeedsFeature {
        what: String,
        feature: &'static str,
    },
}

/// A shorter key can be guessed, since anyone can compute the pseudonyms of known values with a guessed key.
pub(super) const MIN_KEY_BYTES: usize = 16;

const EXPECTED_SETS: &str = "expected `none`, or a list of `keys`, `secrets`, `cards`, `emails` and `ips`, each alone or with a \
                             replacement, as in `emails=pseudonym`";
const EXPECTED_KEY: &str =
    "expected letters or digits, with or without `*`, and no spaces or quotes, as in `ssn,card*`";

impl InvalidRules {
    /// Returns whether a word needs a feature that is off.
    #[must_use]
    pub fn needs_feature(&self) -> bool {
        matches!(self.problem, Problem::NeedsFeature { .. })
    }

    /// Sets the name of the feature by which the caller's crate turns the missing one on. It stands in the text in place of this crate's.
    #[must_use]
    pub fn with_feature(self, feature: &str) -> Self {
        Self {
            feature: Some(feature.to_owned()),
            ..self
        }
    }
}

impl From<Problem> for InvalidRules {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            feature: None,
        }
    }
}

impl fmt::Display for InvalidRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::NoSet(list) => write!(f, "no word in `{list}`: {EXPECTED_SETS}"),
            Problem::NoKey(list) => write!(f, "no key in `{list}`: {EXPECTED_KEY}"),
            Problem::UnknownSet(word) => write!(f, "unknown word `{word}`: {EXPECTED_SETS}"),
            Problem::UnknownReplacement { word, replacement } => write!(
                f,
                "unknown replacement `{replacement}` in `{word}={replacement}`: expected `redacted`, `pseudonym`, `last4` or `remove`"
            ),
            Problem::NoneAndOthers => {
                f.write_str("`none` excludes all other words: remove it, or the others")
            }
            Problem::NoneReplaced(replacement) => {
                write!(f, "`none` has no replacement: remove `={replacement}`")
            }
            Problem::Twice(set) => write!(f, "`{set}` is named twice"),
            Problem::NotAKey(name) => {
                write!(f, "`{name}` is not the name of a key: {EXPECTED_KEY}")
            }
            Problem::KeyTwice(name) => write!(f, "the key `{name}` is named twice"),
            Problem::ShortKey => write!(
                f,
                "the key of pseudonyms is too short: it must have at least {MIN_KEY_BYTES} bytes"
            ),
            Problem::BlankKey => f.write_str("the key of pseudonyms has nothing but spaces"),
            Problem::NeedsFeature { what, feature } => match &self.feature {
                Some(feature) => write!(f, "{what} needs the feature `{feature}`"),
                None => write!(f, "{what} needs the feature `{feature}` of log-redaction"),
            },
        }
    }
}

impl Error for InvalidRules {}
