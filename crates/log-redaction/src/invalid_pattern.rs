use std::{error::Error, fmt};

/// The regular expression of a pattern is invalid, or matches the empty text.
#[derive(Debug)]
pub struct InvalidPattern(Problem);

#[derive(Debug)]
enum Problem {
    Regex(regex::Error),
    MatchesNothing,
}

impl InvalidPattern {
    pub(crate) fn new(error: regex::Error) -> Self {
        Self(Problem::Regex(error))
    }

    pub(crate) fn matches_nothing() -> Self {
        Self(Problem::MatchesNothing)
    }
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Regex(error) => write!(f, "invalid pattern: {error}"),
            Problem::MatchesNothing => f.write_str(
                "invalid pattern: it matches the empty text: expected an expression that matches at least one character",
            ),
        }
    }
}

impl Error for InvalidPattern {}
