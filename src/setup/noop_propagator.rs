//! The propagator for `OTEL_PROPAGATORS=none`.

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
};
use std::sync::LazyLock;

static FIELDS: LazyLock<[String; 3]> =
    LazyLock::new(|| ["traceparent", "tracestate", "baggage"].map(str::to_owned));

/// Reads and writes no headers.
///
/// It still names fields. This distinguishes it from OpenTelemetry's default propagator, which has none. If that one is installed,
/// [`w3c`](crate::w3c) uses its own propagators.
#[derive(Debug)]
pub(super) struct NoopPropagator;

impl TextMapPropagator for NoopPropagator {
    fn inject_context(&self, _: &Context, _: &mut dyn Injector) {}

    fn extract_with_context(&self, context: &Context, _: &dyn Extractor) -> Context {
        context.clone()
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&*FIELDS)
    }
}
