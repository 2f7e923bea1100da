use crate::foreign::Printable;
use std::fmt::{self, Write as _};

/// What was wrong with a setting, in words that say what to do.
///
/// ```
/// use tracing_stamp::{FixedKey, Schema};
///
/// let error = Schema::otel().rename(FixedKey::Target, "level").expect_err("another key has that name");
/// assert!(error.to_string().contains("level"));
/// ```
pub struct Error {
    /// One at least.
    problems: Vec<String>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            problems: vec![message.into()],
        }
    }

    /// Several problems that are reported together.
    #[cfg(feature = "setup")]
    pub(crate) fn several(problems: Vec<String>) -> Self {
        Self { problems }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // There are values of variables, names of files and words of servers in it.
        Printable(f).write_str(&self.problems.join("; "))
    }
}

/// For reading, since a `main` that returns an error prints its `Debug`: each of several problems has a line of its own.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.problems {
            [problem] => Printable(f).write_str(problem),
            problems => {
                write!(f, "{} problems:", problems.len())?;
                problems.iter().try_for_each(|problem| {
                    f.write_str("\n- ")?;
                    Printable(&mut *f).write_str(problem)
                })
            }
        }
    }
}

#[cfg(all(test, feature = "setup"))]
mod tests {
    use super::Error;

    #[test]
    fn the_debug_of_an_error_reads_like_its_display_with_a_line_for_each_problem() {
        assert_eq!(format!("{:?}", Error::new("no such file")), "no such file");
        let error = Error::several(vec!["one".into(), "two".into()]);
        assert_eq!(error.to_string(), "one; two");
        assert_eq!(format!("{error:?}"), "2 problems:\n- one\n- two");
    }
}

impl std::error::Error for Error {}

/// For conversions that cannot fail.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
