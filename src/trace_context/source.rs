use super::{TraceContext, opentelemetry};

/// Where the trace context comes from that is current on this thread: OpenTelemetry's, unless a layer is given another.
///
/// Called on the thread that logs, for each line that names no explicit parent and each time a span is entered or left,
/// with no lock held. What it answers inside a span and did not answer before is taken for that span's.
///
/// ```
/// use tracing_stamp::{TraceContext, opentelemetry::trace::{SpanId, TraceFlags, TraceId}};
///
/// // A closure is a source: here, one trace for the whole of a batch job.
/// let trace_id = TraceId::from(0x4bf92f3577b34da6a3ce929d0e0e4736);
/// let span_id = SpanId::from(0x00f067aa0ba902b7);
/// let layer = tracing_stamp::layer()
///     .with_context_source(move || TraceContext::new(trace_id, span_id, TraceFlags::SAMPLED));
/// # let _ = layer;
/// ```
pub trait ContextSource: Send + Sync + 'static {
    /// The trace context that is current on this thread, if there is one.
    ///
    /// ```
    /// use tracing_stamp::{ContextSource, TraceContext};
    ///
    /// struct Nowhere;
    ///
    /// impl ContextSource for Nowhere {
    ///     fn current(&self) -> Option<TraceContext> {
    ///         None
    ///     }
    /// }
    /// # assert!(Nowhere.current().is_none());
    /// ```
    fn current(&self) -> Option<TraceContext>;
}

impl<F> ContextSource for F
where
    F: Fn() -> Option<TraceContext> + Send + Sync + 'static,
{
    fn current(&self) -> Option<TraceContext> {
        self()
    }
}

/// A layer's source: OpenTelemetry's without an indirection, or another.
pub(crate) enum Source {
    OpenTelemetry,
    Other(Box<dyn ContextSource>),
}

impl Source {
    #[inline]
    pub(crate) fn current(&self) -> Option<TraceContext> {
        match self {
            Self::OpenTelemetry => opentelemetry::current(),
            Self::Other(source) => source.current(),
        }
    }

    /// The same, unless it came from another process: no span of this one has such a context.
    pub(crate) fn current_local(&self) -> Option<TraceContext> {
        match self {
            Self::OpenTelemetry => opentelemetry::current_local(),
            Self::Other(source) => source.current(),
        }
    }

    pub(crate) fn is_opentelemetry(&self) -> bool {
        matches!(self, Self::OpenTelemetry)
    }
}
