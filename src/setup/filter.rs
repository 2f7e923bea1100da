//! Which filter a running process has, and which events and spans OpenTelemetry sees.

use super::{OtelEvents, directives::Directives};
use crate::Error;
use tracing_core::{Level, LevelFilter, Metadata};
use tracing_subscriber::{EnvFilter, reload};

/// The filter of code, where a wrong directive is an error.
pub(super) fn strict(directives: &str) -> Result<Directives, Error> {
    let parsed = Directives::parse(directives);
    match parsed.problems.first() {
        None => Ok(parsed),
        Some(problem) => Err(Error::invalid_input(format!(
            "the filter is `{directives}`, and takes directives such as `info,shop=debug`: {problem}"
        ))),
    }
}

/// What changes the filter of a running process. Made by [`ShutdownGuard::filter`](super::ShutdownGuard::filter).
///
/// ```
/// let (_dispatch, guard) = tracing_stamp::setup().build()?;
/// guard.filter().set("info,shop=debug")?;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone)]
pub struct FilterHandle {
    pub(super) set: std::sync::Arc<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>,
}

impl FilterHandle {
    /// Puts a filter of `RUST_LOG`'s grammar in the place of the one before.
    ///
    /// # Errors
    ///
    /// When a directive cannot be read, or the subscriber is gone; the filter before stays.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// assert!(guard.filter().set("shop=loud").is_err());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn set(&self, directives: &str) -> Result<(), Error> {
        (self.set)(strict(directives)?.filter()).map_err(|error| {
            Error::system("the filter cannot be changed any more").caused_by(error)
        })
    }
}

impl std::fmt::Debug for FilterHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilterHandle").finish_non_exhaustive()
    }
}

/// Whether OpenTelemetry sees a span or an event. Not by `RUST_LOG`: an incoming trace goes on, and has its ids on every line, also
/// where only warnings are written.
pub(super) fn is_traced(metadata: &Metadata<'_>, spans: LevelFilter, events: OtelEvents) -> bool {
    if metadata.is_span() {
        return *metadata.level() <= spans;
    }
    match events {
        OtelEvents::All => true,
        OtelEvents::Errors => *metadata.level() == Level::ERROR,
        OtelEvents::None => false,
    }
}
