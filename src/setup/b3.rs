//! B3 propagators of `opentelemetry-zipkin`.
#![allow(
    deprecated,
    reason = "B3 is part of Zipkin's exporter, which OpenTelemetry has deprecated"
)]

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
};
use opentelemetry_zipkin::{B3Encoding, Propagator};

/// Returns a propagator of B3 in several headers.
pub(super) fn multiple() -> Propagator {
    Propagator::with_encoding(B3Encoding::MultipleHeader)
}

/// Propagates B3 in a single header. `opentelemetry-zipkin` 0.33 writes the other headers too, whatever its encoding.
#[derive(Debug)]
pub(super) struct Single(Propagator);

impl Single {
    pub(super) fn new() -> Self {
        Self(Propagator::with_encoding(B3Encoding::SingleHeader))
    }
}

impl TextMapPropagator for Single {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        self.0.inject_context(context, &mut OnlyB3(injector));
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        self.0.extract_with_context(context, extractor)
    }

    fn fields(&self) -> FieldIter<'_> {
        self.0.fields()
    }
}

/// Passes on the header `b3` and drops all others.
struct OnlyB3<'i>(&'i mut dyn Injector);

impl Injector for OnlyB3<'_> {
    fn set(&mut self, key: &str, value: String) {
        if key == "b3" {
            self.0.set(key, value);
        }
    }
}
