use super::{
    TraceContext,
    native::Native,
    version::{
        AnyVersion, Current, ExtensionIds, OpenTelemetry, SpanIds, SpanRequest, Watch, known,
    },
};
use std::sync::Arc;
use tracing_core::{Dispatch, Subscriber, span::Id};
use tracing_subscriber::registry::{Extensions, LookupSpan};

/// A source of the current trace context other than OpenTelemetry.
///
/// A layer calls it on the thread that logs, for each line without an explicit parent and each time a span is entered or left.
/// It holds no lock meanwhile. The source must not log: the line that it logs would call it again, without end.
///
/// A context that the source returns inside a span, and did not return before, counts as that span's.
///
/// ```
/// use tracing_stamp::{TraceContext, opentelemetry::trace::{SpanId, TraceFlags, TraceId}};
///
/// // A closure is a source. This one gives a whole batch job one trace.
/// let trace_id = TraceId::from(0x4bf92f3577b34da6a3ce929d0e0e4736);
/// let span_id = SpanId::from(0x00f067aa0ba902b7);
/// let layer = tracing_stamp::layer()
///     .with_context_source(move || TraceContext::new(trace_id, span_id, TraceFlags::SAMPLED));
/// ```
pub trait ContextSource: Send + Sync + 'static {
    /// The current trace context of this thread, if there is one.
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

/// The current trace contexts of all versions of OpenTelemetry in use.
pub(crate) fn all_current() -> Vec<TraceContext> {
    let mut all = known::current_of_all();
    if let Some(native) = OpenTelemetry::current(&Native).and_then(|current| current.context)
        && !all.contains(&native)
    {
        all.push(native);
    }
    all
}

/// A layer's source: our own version of OpenTelemetry without an indirection, another version, or a custom source.
pub(crate) enum Source {
    Native,
    /// A version that gives a span its ids when it starts.
    Started(Arc<dyn AnyVersion>),
    /// A version that keeps a span's ids in its extensions.
    InExtensions(Arc<dyn AnyVersion>),
    Other(Box<dyn ContextSource>),
}

impl Source {
    pub(crate) fn version<V: OpenTelemetry>(version: V) -> Self {
        let version = Arc::new(version);
        known::add(&version);
        match V::SPAN_IDS {
            SpanIds::WhenStarted => Self::Started(version),
            SpanIds::InExtensions => Self::InExtensions(version),
        }
    }

    #[inline]
    pub(crate) fn current(&self) -> Option<TraceContext> {
        match self {
            Self::Native => OpenTelemetry::current(&Native)?.context,
            Self::Started(version) | Self::InExtensions(version) => version.current()?.context,
            Self::Other(source) => source.current(),
        }
    }

    /// The current context, unless it comes from another process: then it belongs to no span of this one.
    #[inline]
    pub(crate) fn current_local(&self) -> Option<TraceContext> {
        let local = |current: Current| current.context.filter(|_| !current.is_remote);
        match self {
            Self::Native => OpenTelemetry::current(&Native).and_then(local),
            Self::Started(version) | Self::InExtensions(version) => {
                version.current().and_then(local)
            }
            Self::Other(source) => source.current(),
        }
    }

    /// Whether this is the OpenTelemetry that this crate depends on, so that reading the current context runs no code of the application.
    #[inline]
    pub(crate) fn is_native(&self) -> bool {
        matches!(self, Self::Native)
    }

    /// Whether this is OpenTelemetry, of any version.
    pub(crate) fn is_opentelemetry(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// Whether a span's ids are in its extensions, from when it is created.
    #[inline]
    pub(crate) fn ids_are_in_extensions(&self) -> bool {
        matches!(self, Self::InExtensions(_))
    }

    /// The ids in a span's extensions, if this version keeps them there.
    pub(crate) fn in_extensions(&self, extensions: &Extensions<'_>) -> Option<ExtensionIds> {
        match self {
            Self::InExtensions(version) => version.in_extensions(extensions),
            _ => None,
        }
    }

    /// Holds the current context and watches for its span to end.
    ///
    /// `None` if that span does not record, since only a recording span shows its end. The watch keeps the span alive, which may
    /// otherwise end by being dropped, so hold it as briefly as possible.
    pub(crate) fn watch_current(&self) -> Option<Box<dyn Watch>> {
        match self {
            Self::Native => OpenTelemetry::watch_current(&Native),
            Self::Started(version) => version.watch_current(),
            Self::InExtensions(_) | Self::Other(_) => None,
        }
    }

    /// Asks OpenTelemetry's layer for a span's trace context. This **starts** the span if it has not started, so ask only when
    /// it starts anyway.
    ///
    /// `None` if the layer is missing, was built for another version or cannot be found (behind `reload`); if a filter hides the
    /// span from it, or it has dropped its data about the span; and if its tracer creates no ids.
    ///
    /// Locks the span's OpenTelemetry data. Panics if `dispatch` does not know the span.
    pub(crate) fn of_span<S>(&self, id: &Id, dispatch: &Dispatch) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let version: &dyn AnyVersion = match self {
            Self::Native => &Native,
            Self::Started(version) => &**version,
            Self::InExtensions(_) | Self::Other(_) => return None,
        };
        version.of_span(&SpanRequest::new(id, dispatch, &|f| {
            let registry = dispatch.downcast_ref::<S>();
            if let Some(span) = registry.and_then(|registry| registry.span(id)) {
                f(&mut span.extensions_mut());
            }
        }))
    }

    /// Calls `visit` with each member of the current baggage that has one of these keys.
    pub(crate) fn baggage(&self, keys: &[String], visit: &mut dyn FnMut(&str, &str)) {
        match self {
            // A custom source has no baggage, but OpenTelemetry may have some.
            Self::Native | Self::Other(_) => OpenTelemetry::baggage(&Native, keys, visit),
            Self::Started(version) | Self::InExtensions(version) => version.baggage(keys, visit),
        }
    }
}
