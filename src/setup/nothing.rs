//! No propagation, where that was asked for.

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
};
use std::sync::LazyLock;

static FIELDS: LazyLock<[String; 3]> =
    LazyLock::new(|| ["traceparent", "tracestate", "baggage"].map(str::to_owned));

/// Reads and writes nothing. That it names the fields which it leaves alone tells it from OpenTelemetry's, which stands where nobody
/// has chosen one.
#[derive(Debug)]
pub(super) struct Nothing;

impl TextMapPropagator for Nothing {
    fn inject_context(&self, _: &Context, _: &mut dyn Injector) {}

    fn extract_with_context(&self, context: &Context, _: &dyn Extractor) -> Context {
        context.clone()
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&*FIELDS)
    }
}
