use log_files::{Printable, write_causes};
use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
};

/// Error of this crate: a setting is invalid, or shipping cannot start. Its message says what to do.
///
/// `Display` writes the message without its cause, which [`source`](StdError::source) returns. The alternate form `{error:#}` and
/// `Debug` write the causes too.
///
/// ```
/// use traceship::Target;
///
/// let error = Target::named("lokki=http://localhost:3100").expect_err("the name is misspelt");
/// assert!(error.is_invalid_input());
/// ```
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    InvalidInput,
    AlreadyInUse,
    System,
}

impl Error {
    /// A setting is invalid.
    pub(crate) fn invalid_input(message: impl Into<String>) -> Self {
        Self::of(Kind::InvalidInput, message)
    }

    /// Another shipper has what this one needs.
    pub(crate) fn already_in_use(message: impl Into<String>) -> Self {
        Self::of(Kind::AlreadyInUse, message)
    }

    /// The operating system failed.
    pub(crate) fn system(message: impl Into<String>) -> Self {
        Self::of(Kind::System, message)
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
            message: message.into(),
            source: None,
        }
    }

    /// Returns the message without the cause, and the cause, to convert this error into another one.
    #[must_use]
    pub fn into_parts(self) -> (String, Option<Box<dyn StdError + Send + Sync>>) {
        (self.message, self.source)
    }

    /// Returns whether a setting is invalid: an address, a name, a pattern, a variable.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.kind == Kind::InvalidInput
    }

    /// Returns whether another shipper holds the lock of the cursor.
    #[must_use]
    pub fn is_already_in_use(&self) -> bool {
        self.kind == Kind::AlreadyInUse
    }

    /// Returns whether the operating system failed: a file cannot be opened, a thread cannot be started.
    /// [`source`](StdError::source) returns its error.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.kind == Kind::System
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages contain values of variables, names of files and responses of servers.
        Printable(&mut *f).write_str(&self.message)?;
        if !f.alternate() {
            return Ok(());
        }
        write_causes(f, self)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
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
