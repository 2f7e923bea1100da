use super::{Captured, Current, KeptIds, SpanRequest, Watch};
use crate::trace_context::TraceContext;
use tracing_subscriber::registry::Extensions;

/// One version of `opentelemetry` together with the `tracing-opentelemetry` that is built on it.
///
/// [`opentelemetry_of!`](crate::opentelemetry_of) implements it for the crates that it is given. Implement it by hand
/// only for a fork of those crates. Every method runs on the thread that logs or opens the span, and none may panic.
///
/// ```
/// use tracing_stamp::{opentelemetry, opentelemetry_of, tracing_opentelemetry, version::OpenTelemetry};
///
/// let version = opentelemetry_of!(opentelemetry, tracing_opentelemetry);
/// assert!(version.current().is_some_and(|current| current.context.is_none()), "nothing is current here");
/// ```
pub trait OpenTelemetry: Send + Sync + 'static {
    /// When a span of this version has ids.
    const SPAN_IDS: SpanIds;

    /// The context that is current on this thread; `None` where it is out of reach, as on a thread that ends.
    fn current(&self) -> Option<Current>;

    /// A watch on the span of the current context, if that span records.
    fn watch_current(&self) -> Option<Box<dyn Watch>>;

    /// The context of a span. **Starts the span**, if it has not started. Called for [`SpanIds::WhenStarted`] only.
    ///
    /// `None` where the layer of this version is missing, does not see the span, or cannot be found (behind `reload`).
    fn of_span(&self, request: &SpanRequest<'_>) -> Option<TraceContext> {
        let _ = request;
        None
    }

    /// The ids that a span's extensions hold. Called for [`SpanIds::InExtensions`] only.
    fn in_extensions(&self, extensions: &Extensions<'_>) -> Option<KeptIds> {
        let _ = extensions;
        None
    }

    /// Hands each of these members of the current baggage to `visit`, as far as there are such members.
    fn baggage(&self, keys: &[String], visit: &mut dyn FnMut(&str, &str));

    /// The current context, to be made current elsewhere.
    fn capture(&self) -> Option<Box<dyn Captured>>;
}

/// When a span has ids, which differs between versions of `tracing-opentelemetry`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanIds {
    /// A span has ids once it has started: when it is entered, or when its context is asked for (0.32 and later).
    WhenStarted,
    /// A span has ids from the start, in its extensions, and starts when it closes (0.28 to 0.31).
    InExtensions,
}
