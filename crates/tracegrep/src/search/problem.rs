use log_files::Printable;
use std::{
    fmt::{self, Write as _},
    io,
    path::{Path, PathBuf},
};

/// Why an input was not searched, or not to its end. The others were.
#[derive(Debug)]
pub struct Problem {
    path: PathBuf,
    reason: String,
}

impl Problem {
    pub(crate) fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::new(path, format!("cannot be read: {error}"))
    }

    /// A problem of the look for files.
    pub(crate) fn of_discovery(problem: &log_files::discover::Problem) -> Self {
        match problem {
            log_files::discover::Problem::Unreadable { path, error } => {
                Self::unreadable(path, error)
            }
            problem => Self::new(problem.path(), problem.to_string()),
        }
    }

    /// The file, or the name of the input.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Printable(f), "{}: {}", self.path.display(), self.reason)
    }
}
