//! The propagator for `traceparent` and `tracestate`.

use super::{
    header,
    received::{Received, valid_members},
    traceparent::RANDOM,
};
use crate::trace_context::TraceContext;
use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
    trace::{SpanContext, TraceContextExt as _, TraceFlags},
};
use std::{borrow::Cow, sync::LazyLock};

const TRACEPARENT: &str = header::TRACEPARENT.name;
const TRACESTATE: &str = header::TRACESTATE.name;

static FIELDS: LazyLock<[String; 2]> =
    LazyLock::new(|| [TRACEPARENT, TRACESTATE].map(str::to_owned));

/// A propagator for W3C Trace Context, for use with
/// [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator).
/// [`init`](https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html) installs it.
///
/// The random flag of a trace that began elsewhere is sent as received. The flag is set for a trace that began in this process,
/// because the SDK's
/// [`RandomIdGenerator`](https://docs.rs/opentelemetry_sdk/latest/opentelemetry_sdk/trace/struct.RandomIdGenerator.html) creates random
/// ids. A trace received by another propagator counts as begun elsewhere if it was read by [`extract`](super::extract) or by a layer
/// of this crate.
///
/// ```
/// use std::collections::HashMap;
/// use tracing_stamp::{
///     opentelemetry::{propagation::TextMapPropagator as _, trace::TraceContextExt as _},
///     w3c::TraceContextPropagator,
/// };
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let headers = HashMap::from([("traceparent".to_owned(), header.to_owned())]);
/// let propagator = TraceContextPropagator::new();
/// let caller = propagator.extract(&headers);
/// assert!(caller.span().span_context().is_remote());
///
/// let mut passed_on = HashMap::new();
/// propagator.inject_context(&caller, &mut passed_on);
/// assert_eq!(passed_on, headers);
/// ```
#[derive(Clone, Debug)]
pub struct TraceContextPropagator {
    has_random_ids: bool,
}

impl TraceContextPropagator {
    /// Creates the propagator for a process with random trace ids.
    #[must_use]
    pub fn new() -> Self {
        Self {
            has_random_ids: true,
        }
    }

    /// Sets whether the last seven bytes of this process's own trace ids are random. The default is `true`. Pass `false` if the tracer
    /// provider has an `IdGenerator` with other ids.
    #[must_use]
    pub fn with_random_trace_ids(mut self, are_random: bool) -> Self {
        self.has_random_ids = are_random;
        self
    }

    /// Returns the flags that are sent for a context.
    #[cfg(feature = "http")]
    pub(crate) fn flags(&self, context: &Context) -> TraceFlags {
        let span = context.span();
        self.flags_of(span.span_context(), Received::of(context))
    }

    fn flags_of(&self, context: &SpanContext, received: Option<&Received>) -> TraceFlags {
        let is_random = match received {
            Some(received) => received.is_random(),
            None if context.is_remote() => context.trace_flags() & RANDOM == RANDOM,
            None => self.has_random_ids,
        };
        let flags = context.trace_flags() & TraceFlags::SAMPLED;
        if is_random { flags | RANDOM } else { flags }
    }
}

impl Default for TraceContextPropagator {
    fn default() -> Self {
        Self::new()
    }
}

impl TextMapPropagator for TraceContextPropagator {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let span = context.span();
        let span_context = span.span_context();
        let received = Received::of(context);
        let flags = self.flags_of(span_context, received);
        let Some(ids) = TraceContext::new(span_context.trace_id(), span_context.span_id(), flags)
        else {
            return;
        };
        injector.set(TRACEPARENT, ids.to_traceparent());
        let list = match received {
            Some(received) => received.list_with(span_context.trace_state()),
            None => Cow::Owned(valid_members(span_context.trace_state())),
        };
        if let Some(header) = list.to_header() {
            injector.set(TRACESTATE, header);
        }
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let parents = header::TRACEPARENT.values(extractor);
        // If there are two, it is unknown which one is right, so neither counts: RFC 9110, section 5.2.
        let [parent] = parents.as_slice() else {
            return context.clone();
        };
        let Some(ids) = TraceContext::from_traceparent(parent) else {
            return context.clone();
        };
        let lines = header::TRACESTATE.values(extractor);
        Received::in_context(context, &ids, lines.as_slice())
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&*FIELDS)
    }
}
