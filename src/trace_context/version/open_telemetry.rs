use super::{Captured, Current, ExtensionIds, SpanRequest, Watch};
use crate::trace_context::TraceContext;
use tracing_subscriber::registry::Extensions;

/// One version of `opentelemetry` together with the `tracing-opentelemetry` that is built on it.
///
/// [`opentelemetry_of!`](crate::opentelemetry_of) implements it for the crates in its arguments. Implement it by hand only for a
/// fork of those crates. Every method runs on the thread that logs or opens the span, and none may panic.
///
/// ```
/// use tracing_stamp::{opentelemetry, opentelemetry_of, tracing_opentelemetry, version::OpenTelemetry};
///
/// let version = opentelemetry_of!(opentelemetry, tracing_opentelemetry);
/// assert!(version.current().is_some_and(|current| current.context.is_none()), "no span is current here");
/// ```
pub trait OpenTelemetry: Send + Sync + 'static {
    /// When a span of this version has ids.
    const SPAN_IDS: SpanIds;

    /// The current context of this thread; `None` if it is out of reach, as on a thread that ends.
    fn current(&self) -> Option<Current>;

    /// A watch on the span of the current context, if that span records.
    fn watch_current(&self) -> Option<Box<dyn Watch>>;

    /// The context of a span. **Starts the span** if it has not started. Called for [`SpanIds::WhenStarted`] only.
    ///
    /// `None` if the layer of this version is missing, does not see the span, or cannot be found (behind `reload`).
    fn of_span(&self, request: &SpanRequest<'_>) -> Option<TraceContext> {
        let _ = request;
        None
    }

    /// The ids in a span's extensions. Called for [`SpanIds::InExtensions`] only.
    fn in_extensions(&self, extensions: &Extensions<'_>) -> Option<ExtensionIds> {
        let _ = extensions;
        None
    }

    /// Calls `visit` with each member of the current baggage that has one of these keys.
    fn baggage(&self, keys: &[String], visit: &mut dyn FnMut(&str, &str));

    /// Captures the current context, to attach it on another thread.
    fn capture(&self) -> Option<Box<dyn Captured>>;
}

/// When a span gets its ids, which differs between versions of `tracing-opentelemetry`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanIds {
    /// A span has ids once it has started: when it is entered, or when its context is asked for (0.32 and later).
    WhenStarted,
    /// A span has ids in its extensions from when it is created, and starts when it closes (0.28 to 0.31).
    InExtensions,
}
