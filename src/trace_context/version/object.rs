use super::{Captured, Current, ExtensionIds, OpenTelemetry, SpanRequest, Watch};
use crate::trace_context::TraceContext;
use tracing_subscriber::registry::Extensions;

/// [`OpenTelemetry`] without its constant, so that it can be used as `dyn`.
pub(crate) trait AnyVersion: Send + Sync {
    fn current(&self) -> Option<Current>;
    fn watch_current(&self) -> Option<Box<dyn Watch>>;
    fn of_span(&self, request: &SpanRequest<'_>) -> Option<TraceContext>;
    fn in_extensions(&self, extensions: &Extensions<'_>) -> Option<ExtensionIds>;
    fn baggage(&self, keys: &[String], visit: &mut dyn FnMut(&str, &str));
    fn capture(&self) -> Option<Box<dyn Captured>>;
}

impl<V: OpenTelemetry> AnyVersion for V {
    fn current(&self) -> Option<Current> {
        OpenTelemetry::current(self)
    }

    fn watch_current(&self) -> Option<Box<dyn Watch>> {
        OpenTelemetry::watch_current(self)
    }

    fn of_span(&self, request: &SpanRequest<'_>) -> Option<TraceContext> {
        OpenTelemetry::of_span(self, request)
    }

    fn in_extensions(&self, extensions: &Extensions<'_>) -> Option<ExtensionIds> {
        OpenTelemetry::in_extensions(self, extensions)
    }

    fn baggage(&self, keys: &[String], visit: &mut dyn FnMut(&str, &str)) {
        OpenTelemetry::baggage(self, keys, visit);
    }

    fn capture(&self) -> Option<Box<dyn Captured>> {
        OpenTelemetry::capture(self)
    }
}
