use super::{
    TraceContext,
    native::Native,
    version::{AnyVersion, Current, KeptIds, OpenTelemetry, SpanIds, SpanRequest, Watch, known},
};
use std::sync::Arc;
use tracing_core::{Dispatch, Subscriber, span::Id};
use tracing_subscriber::registry::{Extensions, LookupSpan};

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

/// A layer's source: our own version of OpenTelemetry without an indirection, another version, or something else.
pub(crate) enum Source {
    Native,
    /// A version in which a span has ids once it has started.
    Started(Arc<dyn AnyVersion>),
    /// A version in which a span's extensions have its ids.
    Kept(Arc<dyn AnyVersion>),
    Other(Box<dyn ContextSource>),
}

impl Source {
    pub(crate) fn version<V: OpenTelemetry>(version: V) -> Self {
        let version = Arc::new(version);
        known::add(&version);
        match V::SPAN_IDS {
            SpanIds::WhenStarted => Self::Started(version),
            SpanIds::InExtensions => Self::Kept(version),
        }
    }

    #[inline]
    pub(crate) fn current(&self) -> Option<TraceContext> {
        match self {
            Self::Native => OpenTelemetry::current(&Native)?.context,
            Self::Started(version) | Self::Kept(version) => version.current()?.context,
            Self::Other(source) => source.current(),
        }
    }

    /// The same, unless it comes from another process: no span of this one has such a context.
    pub(crate) fn current_local(&self) -> Option<TraceContext> {
        let local = |current: Current| current.context.filter(|_| !current.is_remote);
        match self {
            Self::Native => OpenTelemetry::current(&Native).and_then(local),
            Self::Started(version) | Self::Kept(version) => version.current().and_then(local),
            Self::Other(source) => source.current(),
        }
    }

    /// Whether this is OpenTelemetry, in whatever version.
    pub(crate) fn is_opentelemetry(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// Whether a span has ids from the start, in its extensions.
    #[inline]
    pub(crate) fn keeps_ids(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// The ids in a span's extensions, for a version that keeps them there.
    pub(crate) fn in_extensions(&self, extensions: &Extensions<'_>) -> Option<KeptIds> {
        match self {
            Self::Kept(version) => version.in_extensions(extensions),
            _ => None,
        }
    }

    /// The current context, held to see whether its span ends: with the span that brought it, if it is that span's.
    ///
    /// `None` where the current span does not record, and so shows no end. Holding it keeps alive a span that would end
    /// by being dropped, so hold it as briefly as possible.
    pub(crate) fn watch_current(&self) -> Option<Box<dyn Watch>> {
        match self {
            Self::Native => OpenTelemetry::watch_current(&Native),
            Self::Started(version) => version.watch_current(),
            Self::Kept(_) | Self::Other(_) => None,
        }
    }

    /// Asks for a span's trace context, which **starts** the span, if it has not started: ask only where it starts anyway.
    ///
    /// `None` where OpenTelemetry's layer is missing, was built for another version or cannot be found (behind `reload`);
    /// where a filter hides the span from it, or it has let go of the span; and where its tracer makes no ids.
    ///
    /// Locks the span's OpenTelemetry data. Panics where `dispatch` does not know the span.
    pub(crate) fn of_span<S>(&self, id: &Id, dispatch: &Dispatch) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let version: &dyn AnyVersion = match self {
            Self::Native => &Native,
            Self::Started(version) => &**version,
            Self::Kept(_) | Self::Other(_) => return None,
        };
        version.of_span(&SpanRequest::new(id, dispatch, &|f| {
            let registry = dispatch.downcast_ref::<S>();
            if let Some(span) = registry.and_then(|registry| registry.span(id)) {
                f(&mut span.extensions_mut());
            }
        }))
    }

    /// Hands the members of the current baggage that have these keys to `visit`.
    pub(crate) fn baggage(&self, keys: &[String], visit: &mut dyn FnMut(&str, &str)) {
        match self {
            // A source of ids has no baggage; OpenTelemetry's own is there all the same.
            Self::Native | Self::Other(_) => OpenTelemetry::baggage(&Native, keys, visit),
            Self::Started(version) | Self::Kept(version) => version.baggage(keys, visit),
        }
    }
}
