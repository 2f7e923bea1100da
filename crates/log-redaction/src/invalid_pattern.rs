use std::{error::Error, fmt};

/// The regular expression of a pattern is invalid.
#[derive(Debug)]
pub struct InvalidPattern(regex::Error);

impl InvalidPattern {
    pub(crate) fn new(error: regex::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid pattern: {}", self.0)
    }
}

impl Error for InvalidPattern {}
