use log_files::{Printable, write_causes};
use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
    io,
};

/// Error of this crate: something could not be set up, installed, opened or delivered. Its message says what to do.
///
/// `Display` writes the message without its cause, which [`source`](StdError::source) returns. The alternate form `{error:#}` writes the
/// causes too. `Debug`, which is printed when `main` returns the error, reads like `{error:#}` and has a line for each of several
/// problems.
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
    /// At least one.
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
    /// The application or the environment has set an invalid value.
    pub(crate) fn invalid_input(message: impl Into<String>) -> Self {
        Self::of(Kind::InvalidInput, message)
    }

    /// The application or the environment has set several invalid values.
    #[cfg(feature = "setup")]
    pub(crate) fn invalid_inputs(problems: Vec<String>) -> Self {
        Self {
            problems,
            ..Self::of(Kind::InvalidInput, "")
        }
    }

    /// Something that can have only one owner has one already.
    pub(crate) fn already_in_use(message: impl Into<String>) -> Self {
        Self::of(Kind::AlreadyInUse, message)
    }

    /// The operating system, or a crate that this one uses, failed.
    pub(crate) fn system(message: impl Into<String>) -> Self {
        Self::of(Kind::System, message)
    }

    /// Not everything was delivered.
    pub(crate) fn incomplete(message: impl Into<String>) -> Self {
        Self::of(Kind::Incomplete, message)
    }

    /// Adds the cause.
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

    /// Returns whether the application or the environment has set an invalid value: a setting, a name, an address.
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

    /// Returns whether something that can have only one owner has one already: the process has a subscriber or a logger, or another writer
    /// or shipper holds the lock of a log file or a cursor.
    ///
    /// ```
    /// use tracing_stamp::writer::RollingFile;
    ///
    /// let path = std::env::temp_dir().join(format!("taken-{}.jsonl", std::process::id()));
    /// let first = RollingFile::open(&path)?;
    /// assert!(RollingFile::open(&path).expect_err("a file has one writer").is_already_in_use());
    /// # drop(first);
    /// # let _ = std::fs::remove_file(&path);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn is_already_in_use(&self) -> bool {
        self.kind == Kind::AlreadyInUse
    }

    /// Returns whether the operating system, or a crate that this one uses, failed: a file cannot be opened, a thread cannot be started.
    /// [`source`](StdError::source) returns its error.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.kind == Kind::System
    }

    /// Returns whether not everything was delivered, in the given time or at all.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.kind == Kind::Incomplete
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages contain values of variables, names of files and responses of servers.
        Printable(&mut *f).write_str(&self.problems.join("; "))?;
        if f.alternate() {
            write_causes(f, self)?;
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
        write_causes(f, self)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Allows `?` on conversions that cannot fail.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// Allows `?` on the functions of [`ship`](crate::ship). This error has the message and the cause of the other one.
#[cfg(feature = "ship")]
impl From<traceship::Error> for Error {
    fn from(error: traceship::Error) -> Self {
        let of: fn(String) -> Self = match &error {
            error if error.is_invalid_input() => |message| Self::invalid_input(message),
            error if error.is_already_in_use() => |message| Self::already_in_use(message),
            _ => |message| Self::system(message),
        };
        match error.into_parts() {
            (message, Some(source)) => of(message).caused_by(source),
            (message, None) => of(message),
        }
    }
}

/// Allows `?` in functions that return `io::Result`. This error, with its causes, is the inner error.
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
    fn debug_output_reads_like_display_with_a_line_for_each_problem() {
        let error = Error::invalid_input("no such file");
        assert_eq!(format!("{error:?}"), "no such file");
        let error = Error::invalid_inputs(vec!["one".into(), "two".into()]);
        assert_eq!(error.to_string(), "one; two");
        assert_eq!(format!("{error:?}"), "2 problems:\n- one\n- two");
    }

    #[test]
    fn a_cause_is_kept_as_the_source_and_shown_in_the_alternate_form() {
        let cause = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::system("the log file cannot be opened").caused_by(cause);
        assert_eq!(error.to_string(), "the log file cannot be opened");
        let with_cause = "the log file cannot be opened: permission denied";
        assert_eq!(
            (format!("{error:#}"), format!("{error:?}")),
            (with_cause.into(), with_cause.into())
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
