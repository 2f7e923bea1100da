use std::{error::Error, fmt};

/// Returned by [`Sources::check`](super::Sources::check) if the paths do not name files.
#[derive(Debug)]
pub struct PatternError {
    cause: Option<(String, glob::PatternError)>,
}

impl PatternError {
    pub(super) fn empty() -> Self {
        Self { cause: None }
    }

    pub(super) fn invalid(pattern: String, error: glob::PatternError) -> Self {
        Self {
            cause: Some((pattern, error)),
        }
    }

    /// Whether no paths were added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cause.is_none()
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some((pattern, _)) => write!(f, "`{pattern}` is not a valid glob pattern"),
            None => write!(
                f,
                "no files are named: a folder, a file or a glob pattern is needed"
            ),
        }
    }
}

impl Error for PatternError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|(_, error)| error as _)
    }
}
