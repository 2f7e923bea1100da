//! Whether a caller's trace is gone on with.

use http::request::Parts;
use std::{fmt, sync::Arc};

/// What a [`ServerLayer`](super::ServerLayer) makes of a caller's trace.
///
/// ```
/// use tracing_stamp::http::{ServerLayer, Trust};
///
/// let edge = ServerLayer::new().with_trust(Trust::Restart);
/// # let _ = edge;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// The request goes on with it: within a system, and where callers are known.
    #[default]
    Always,
    /// The request begins a trace of its own, which is linked to the caller's: at the public edge, which may be a router within another
    /// that has its own layer; of several the outermost that says so begins it. A caller can then neither choose a
    /// trace id, nor have a trace sampled, as a sampler does not see the link, nor bring `tracestate` and baggage.
    ///
    /// The headers of a trace are removed from the request, so that a proxy does not forward them: W3C's, those of the process's
    /// propagator, and those of B3, X-Ray, Jaeger, Google Cloud, Datadog, Sentry, OpenTracing, OpenCensus, Elastic, New Relic, Dynatrace,
    /// Instana and SkyWalking.
    ///
    /// There is no link where OpenTelemetry's layer is behind `reload` and has its
    /// context activation off: nothing leads to the span's context there.
    Restart,
}

/// A choice for all requests, or one for each.
#[derive(Clone)]
pub(super) enum Policy {
    All(Trust),
    Each(Arc<dyn Fn(&Parts) -> Trust + Send + Sync>),
}

impl Policy {
    pub(super) fn of(&self, parts: &Parts) -> Trust {
        match self {
            Self::All(trust) => *trust,
            Self::Each(choose) => choose(parts),
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(trust) => trust.fmt(f),
            Self::Each(_) => f.write_str("by request"),
        }
    }
}
