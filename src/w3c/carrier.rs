//! The current context into a carrier, and out of one, by whichever propagator the process has.

use super::{BaggagePropagator, TraceContextPropagator, received::Received};
use crate::trace_context::with_current;
use opentelemetry::{
    Context, global,
    propagation::{Extractor, Injector, TextMapCompositePropagator, TextMapPropagator},
    trace::TraceContextExt as _,
};
use std::sync::LazyLock;

/// What stands in where nobody has installed a propagator: headers go out and come in all the same.
static W3C: LazyLock<TextMapCompositePropagator> = LazyLock::new(|| {
    TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ])
});

/// Writes the current context into a carrier: a map of strings, or whatever else implements [`Injector`].
///
/// By the process's propagator (what `init` installed, or
/// [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator)), and W3C Trace Context and Baggage where there is
/// none: one that names no fields counts as none, as OpenTelemetry's own stand-in does. Without a current context nothing is written.
///
/// ```
/// use std::collections::HashMap;
///
/// let mut attributes = HashMap::new();
/// tracing_stamp::w3c::inject(&mut attributes);
/// assert!(attributes.is_empty(), "no trace is current");
/// ```
pub fn inject(carrier: &mut dyn Injector) {
    if let Some(context) = with_current(Context::clone) {
        inject_into(&context, carrier);
    }
}

/// Reads the context that a carrier brought: a map of strings, or whatever else implements [`Extractor`].
///
/// By the same propagator as [`inject`]. A carrier without a context, or with a wrong one, gives an empty one. To go on with the
/// trace, a span takes it by `span.set_parent(context)`; to refer to it from a trace of its own, by
/// `span.add_link(context.span().span_context().clone())`.
///
/// ```
/// use std::collections::HashMap;
/// use tracing_stamp::opentelemetry::trace::TraceContextExt as _;
///
/// let context = tracing_stamp::w3c::extract(&HashMap::<String, String>::new());
/// assert!(!context.has_active_span());
/// ```
#[must_use]
pub fn extract(carrier: &dyn Extractor) -> Context {
    remote_of(&Context::new(), carrier)
}

pub(crate) fn inject_into(context: &Context, carrier: &mut dyn Injector) {
    with_propagator(|propagator| propagator.inject_context(context, carrier));
}

/// What the carrier adds to a context.
pub(crate) fn remote_of(context: &Context, carrier: &dyn Extractor) -> Context {
    let extracted = with_propagator(|propagator| propagator.extract_with_context(context, carrier));
    let by_other_ways = {
        let span = extracted.span();
        let caller = span.span_context();
        (caller.is_remote() && caller.is_valid() && Received::of(&extracted).is_none())
            .then(|| Received::by_other_ways(caller))
    };
    match by_other_ways {
        Some(received) => extracted.with_value(received),
        None => extracted,
    }
}

/// The headers of a context, by whichever propagator: those that it writes, and those that it reads besides.
#[cfg(feature = "http")]
pub(crate) fn with_fields(mut each: impl FnMut(&str)) {
    with_propagator(|propagator| {
        let mut has_b3 = false;
        for field in propagator.fields() {
            has_b3 |= B3.contains(&field);
            each(field);
        }
        if has_b3 {
            B3.iter().copied().for_each(&mut each);
        }
    });
}

/// B3 comes in one header or in several: who writes one form reads both, and does not name the other.
#[cfg(feature = "http")]
const B3: [&str; 6] = [
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
];

fn with_propagator<T>(mut use_it: impl FnMut(&dyn TextMapPropagator) -> T) -> T {
    global::get_text_map_propagator(|chosen| {
        let is_chosen = chosen.fields().next().is_some();
        use_it(if is_chosen { chosen } else { &*W3C })
    })
}
