//! Writes the current context into a carrier and reads it from one, with the propagator of the process.

use super::{BaggagePropagator, TraceContextPropagator, received::Received};
use crate::{trace_context::with_current, trace_level::with_level_member};
use opentelemetry::{
    Context, global,
    propagation::{Extractor, Injector, TextMapCompositePropagator, TextMapPropagator},
    trace::TraceContextExt as _,
};
use std::sync::LazyLock;

/// The propagator used if none is installed, so that headers are sent and read in any case.
static W3C: LazyLock<TextMapCompositePropagator> = LazyLock::new(|| {
    TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ])
});

/// Writes the current context into a carrier: a map of strings, or anything else that implements [`Injector`].
///
/// Uses the propagator that `init` or [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator) has installed. If
/// there is none, uses W3C Trace Context and Baggage. A propagator that names no fields, as OpenTelemetry's default does, counts as
/// none. Without a current context, nothing is written.
///
/// ```
/// use std::collections::HashMap;
///
/// let mut attributes = HashMap::new();
/// tracing_stamp::w3c::inject(&mut attributes);
/// assert!(attributes.is_empty(), "there is no current trace");
/// ```
pub fn inject(carrier: &mut dyn Injector) {
    if let Some(context) = with_current(Context::clone) {
        inject_into(&context, carrier);
    }
}

/// Reads the context from a carrier: a map of strings, or anything else that implements [`Extractor`].
///
/// Uses the same propagator as [`inject`]. If the carrier has no context or an invalid one, the returned context is empty. To
/// continue the trace, call `span.set_parent(context)`. To link to it from another trace, call
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
    let with_level = with_level_member(context);
    let context = with_level.as_ref().unwrap_or(context);
    with_propagator(|propagator| propagator.inject_context(context, carrier));
}

/// Reads the context from a carrier into a copy of `context`.
pub(crate) fn remote_of(context: &Context, carrier: &dyn Extractor) -> Context {
    let extracted = with_propagator(|propagator| propagator.extract_with_context(context, carrier));
    let received = {
        let span = extracted.span();
        let caller = span.span_context();
        (caller.is_remote() && caller.is_valid() && Received::of(&extracted).is_none())
            .then(|| Received::from_other_propagator(caller))
    };
    match received {
        Some(received) => extracted.with_value(received),
        None => extracted,
    }
}

/// Calls `each` with the header names of the propagator: those that it writes, and others that it reads.
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

/// The header names of B3, which has a single-header and a multi-header form. A propagator that writes one form reads both, but only
/// names the headers of its own.
#[cfg(feature = "http")]
const B3: [&str; 6] = [
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
];

fn with_propagator<T>(mut run: impl FnMut(&dyn TextMapPropagator) -> T) -> T {
    global::get_text_map_propagator(|chosen| {
        let is_chosen = chosen.fields().next().is_some();
        run(if is_chosen { chosen } else { &*W3C })
    })
}
