//! The filter set in code, the handle that changes it, and which spans and events OpenTelemetry sees.

use super::{OtelEvents, directives::Directives};
use crate::Error;
use tracing_core::{Level, LevelFilter, Metadata};
use tracing_subscriber::{EnvFilter, reload};

/// Parses a filter set in code.
///
/// # Errors
///
/// If a directive is invalid.
pub(super) fn parse_strictly(directives: &str) -> Result<Directives, Error> {
    let parsed = Directives::parse(directives);
    match parsed.problems.first() {
        None => Ok(parsed),
        Some(problem) => Err(Error::invalid_input(format!(
            "the filter is `{directives}`, expected directives such as `info,shop=debug`: {problem}"
        ))),
    }
}

/// Handle that changes the filter of a running process, returned by [`ShutdownGuard::filter`](super::ShutdownGuard::filter).
///
/// ```
/// let (dispatch, guard) = tracing_stamp::setup().with_filter("info").build()?;
/// tracing::dispatcher::with_default(&dispatch, || {
///     tracing::debug!("not written");
///     guard.filter().set("debug").expect("the filter is valid");
///     tracing::debug!("written");
/// });
/// assert_eq!(guard.stats().unstamped(), 1);
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone)]
pub struct FilterHandle {
    pub(super) set: std::sync::Arc<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>,
}

impl FilterHandle {
    /// Replaces the filter. `directives` has the grammar of `RUST_LOG`.
    ///
    /// # Errors
    ///
    /// If a directive is invalid, or the subscriber is gone. The previous filter then stays.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// let error = guard.filter().set("shop=loud").expect_err("`loud` is not a level");
    /// assert!(error.to_string().contains("shop=loud"));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn set(&self, directives: &str) -> Result<(), Error> {
        (self.set)(parse_strictly(directives)?.filter()).map_err(|error| {
            Error::system("the filter cannot be changed any more").caused_by(error)
        })
    }
}

impl std::fmt::Debug for FilterHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilterHandle").finish_non_exhaustive()
    }
}

/// Returns whether OpenTelemetry sees a span or an event. `RUST_LOG` has no influence on it: an incoming trace continues, and its ids are
/// on every line, even if only warnings are written.
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

/// Returns the most verbose level of what OpenTelemetry sees.
pub(super) fn traced_max_level(spans: LevelFilter, events: OtelEvents) -> LevelFilter {
    match events {
        OtelEvents::All => LevelFilter::TRACE,
        OtelEvents::Errors => spans.max(LevelFilter::ERROR),
        OtelEvents::None => spans,
    }
}

#[cfg(test)]
mod tests {
    use super::parse_strictly;

    #[test]
    fn an_error_for_a_filter_in_code_does_not_say_what_the_environment_would_do() {
        for (filter, ending) in [
            ("shop=loud", "or a number 0-5"),
            (
                "shop=warning",
                "`shop=warning`: unknown level; did you mean `shop=warn`?",
            ),
        ] {
            let error = parse_strictly(filter).expect_err("the level is wrong");
            assert!(error.to_string().ends_with(ending), "{error}");
        }
    }
}
