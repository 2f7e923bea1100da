use crate::foreign::Printable;
use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
    io,
};

/// Why something could not be set up, installed, opened or delivered, in words that say what to do.
///
/// `Display` writes the error alone, and [`source`](StdError::source) returns its cause. With the alternate flag, `{error:#}` writes the
/// causes too. `Debug`, which a `main` that returns the error prints, reads like `{error:#}`, with a line for each of several problems.
///
/// ```
/// use tracing_stamp::{FixedKey, Schema};
///
/// let error = Schema::otel().rename(FixedKey::Target, "level").expect_err("another key has that name");
/// assert!(error.is_invalid_input());
/// assert!(error.to_string().contains("level"));
/// ```
pub struct Error {
    kind: Kind,
    /// One at least.
    problems: Vec<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    InvalidInput,
    AlreadyInUse,
    System,
    Incomplete,
}

impl Error {
    /// A value that the application or the environment gave is not accepted.
    pub(crate) fn invalid_input(message: impl Into<String>) -> Self {
        Self::of(Kind::InvalidInput, message)
    }

    /// Several such values.
    #[cfg(feature = "setup")]
    pub(crate) fn invalid_inputs(problems: Vec<String>) -> Self {
        Self {
            problems,
            ..Self::of(Kind::InvalidInput, "")
        }
    }

    /// Something that exists once is taken.
    pub(crate) fn already_in_use(message: impl Into<String>) -> Self {
        Self::of(Kind::AlreadyInUse, message)
    }

    /// The system, or a crate below this one, failed.
    pub(crate) fn system(message: impl Into<String>) -> Self {
        Self::of(Kind::System, message)
    }

    /// Not everything was delivered.
    pub(crate) fn incomplete(message: impl Into<String>) -> Self {
        Self::of(Kind::Incomplete, message)
    }

    /// This error with its cause.
    pub(crate) fn caused_by(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            problems: vec![message.into()],
            source: None,
        }
    }

    /// Whether a value that the application or the environment gave is not accepted: a setting, a name, an address.
    ///
    /// ```
    /// use tracing_stamp::{FixedKey, Schema};
    ///
    /// let error = Schema::ecs().rename(FixedKey::Level, "").expect_err("a key needs a name");
    /// assert!(error.is_invalid_input());
    /// ```
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.kind == Kind::InvalidInput
    }

    /// Whether something that exists once is taken: the process has a subscriber or a logger already, or another writer or shipper holds
    /// the lock of a log file or a cursor.
    ///
    /// ```
    /// use tracing_stamp::writer::RollingFile;
    ///
    /// let path = std::env::temp_dir().join(format!("taken-{}.jsonl", std::process::id()));
    /// let first = RollingFile::open(&path)?;
    /// assert!(RollingFile::open(&path).expect_err("one at a time").is_already_in_use());
    /// # drop(first);
    /// # let _ = std::fs::remove_file(&path);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn is_already_in_use(&self) -> bool {
        self.kind == Kind::AlreadyInUse
    }

    /// Whether the operating system, or a crate that this one uses, failed: a file cannot be opened, a thread cannot be started. The
    /// [`source`](StdError::source) is its error.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.kind == Kind::System
    }

    /// Whether not everything was delivered, in the given time or at all.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.kind == Kind::Incomplete
    }

    fn write_causes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(Printable(&mut *f), ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // There are values of variables, names of files and a server's words in it.
        Printable(&mut *f).write_str(&self.problems.join("; "))?;
        if f.alternate() {
            self.write_causes(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.problems {
            [problem] => Printable(&mut *f).write_str(problem)?,
            problems => {
                write!(f, "{} problems:", problems.len())?;
                for problem in problems {
                    f.write_str("\n- ")?;
                    Printable(&mut *f).write_str(problem)?;
                }
            }
        }
        self.write_causes(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// For conversions that cannot fail.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// For functions that return `io::Result`. The error, with its causes, is the inner one.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind {
            Kind::InvalidInput => io::ErrorKind::InvalidInput,
            Kind::AlreadyInUse => io::ErrorKind::AlreadyExists,
            Kind::System | Kind::Incomplete => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(all(test, feature = "setup"))]
mod tests {
    use super::*;

    #[test]
    fn the_debug_of_an_error_reads_like_its_display_with_a_line_for_each_problem() {
        let error = Error::invalid_input("no such file");
        assert_eq!(format!("{error:?}"), "no such file");
        let error = Error::invalid_inputs(vec!["one".into(), "two".into()]);
        assert_eq!(error.to_string(), "one; two");
        assert_eq!(format!("{error:?}"), "2 problems:\n- one\n- two");
    }

    #[test]
    fn a_cause_is_kept_and_shown_where_it_is_asked_for() {
        let cause = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::system("the log file cannot be opened").caused_by(cause);
        assert_eq!(error.to_string(), "the log file cannot be opened");
        let whole = "the log file cannot be opened: permission denied";
        assert_eq!(
            (format!("{error:#}"), format!("{error:?}")),
            (whole.into(), whole.into())
        );
        let cause = error
            .source()
            .and_then(|cause| cause.downcast_ref::<io::Error>());
        assert_eq!(
            cause.map(io::Error::kind),
            Some(io::ErrorKind::PermissionDenied)
        );
    }
}
