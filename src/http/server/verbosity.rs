use crate::trace_level::{TraceLevelGuard, raise_trace};
use http::request::Parts;
use opentelemetry::trace::TraceId;
use std::{fmt, sync::Arc};
use tracing_core::Level;

type Decide = dyn Fn(&Parts) -> Option<Level> + Send + Sync;

/// A closure that sets the level of a request's trace, if there is one.
#[derive(Clone, Default)]
pub(super) struct Verbosity {
    decide: Option<Arc<Decide>>,
}

impl Verbosity {
    pub(super) fn new(decide: impl Fn(&Parts) -> Option<Level> + Send + Sync + 'static) -> Self {
        Self {
            decide: Some(Arc::new(decide)),
        }
    }

    /// Whether requests can get a level.
    pub(super) fn is_set(&self) -> bool {
        self.decide.is_some()
    }

    /// Returns the level of a request.
    pub(super) fn level_of(&self, parts: &Parts) -> Option<Level> {
        self.decide.as_deref()?(parts)
    }
}

/// Sets the level of a request's trace until the request ends.
pub(super) fn raise(trace: Option<TraceId>, level: Option<Level>) -> Option<Box<TraceLevelGuard>> {
    Some(Box::new(raise_trace(trace?, level?)))
}

impl fmt::Debug for Verbosity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() { "by request" } else { "unset" })
    }
}
