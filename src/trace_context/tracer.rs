//! A tracer that reports the ids of the spans it starts.

use super::{Told, TraceContext, making::ticket_for_builder};
use opentelemetry::{
    Context,
    trace::{
        Link, Span as _, SpanBuilder, SpanContext, SpanId, TraceContextExt as _, TraceFlags,
        TraceId, TraceState, Tracer,
    },
};
use std::{
    borrow::Cow,
    sync::{Arc, Weak},
};

/// The tracer that [`otel_layer`](crate::otel_layer) gives OpenTelemetry's layer: yours, and it reports to stamping layers
/// the ids of each span that it starts.
///
/// ```
/// use opentelemetry::trace::TracerProvider as _;
/// use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
/// use tracing_opentelemetry::OpenTelemetryLayer;
/// use tracing_stamp::StampTracer;
/// use tracing_subscriber::{Registry, prelude::*};
///
/// // A function that finishes OpenTelemetry's layer can be written out:
/// fn finish(
///     layer: OpenTelemetryLayer<Registry, StampTracer<SdkTracer>>,
/// ) -> OpenTelemetryLayer<Registry, StampTracer<SdkTracer>> {
///     layer.with_threads(false)
/// }
///
/// let provider = SdkTracerProvider::builder().build();
/// let subscriber = tracing_subscriber::registry()
///     .with(tracing_stamp::otel_layer(provider.tracer("orders"), finish))
///     .with(tracing_stamp::layer());
/// # let _ = subscriber;
/// ```
#[derive(Clone, Debug)]
pub struct StampTracer<T> {
    tracer: T,
    /// There as long as the tracer is.
    _in_use: Arc<()>,
}

/// In the upper half of the trace id of a link that carries a ticket.
const TICKET: u64 = 0x7472_6163_6974_6b74;

impl<T> StampTracer<T> {
    /// Wraps a tracer; and a reference by which to learn whether anybody still has it.
    pub(crate) fn new(tracer: T) -> (Self, Weak<()>) {
        let in_use = Arc::new(());
        let weak = Arc::downgrade(&in_use);
        (
            Self {
                tracer,
                _in_use: in_use,
            },
            weak,
        )
    }
}

impl<T: Tracer> Tracer for StampTracer<T> {
    type Span = T::Span;

    /// Called by OpenTelemetry's layer once for each span that it sees. The builder stays with the span until it starts,
    /// and carries the ticket as its first link.
    fn span_builder<N>(&self, name: N) -> SpanBuilder
    where
        N: Into<Cow<'static, str>>,
    {
        let mut builder = self.tracer.span_builder(name);
        if let Some(ticket) = ticket_for_builder() {
            let links = builder.links.get_or_insert_with(|| Vec::with_capacity(1));
            links.insert(0, link(ticket));
        }
        builder
    }

    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> T::Span {
        let told = take_ticket(&mut builder).and_then(Told::redeem);
        let span = self.tracer.build_with_context(builder, parent);
        if let Some(told) = told {
            told.write(
                TraceContext::from_span_context(span.span_context()),
                TraceContext::from_span_context(parent.span().span_context()),
            );
        }
        span
    }
}

/// A link that OpenTelemetry itself would not make: it leads to no span.
fn link(ticket: u64) -> Link {
    let trace_id = TraceId::from(u128::from(TICKET) << 64 | u128::from(ticket));
    let nowhere = SpanContext::new(
        trace_id,
        SpanId::INVALID,
        TraceFlags::default(),
        false,
        TraceState::NONE,
    );
    Link::with_context(nowhere)
}

fn take_ticket(builder: &mut SpanBuilder) -> Option<u64> {
    let links = builder.links.as_mut()?;
    let context = &links.first()?.span_context;
    let bits = u128::from_be_bytes(context.trace_id().to_bytes());
    if context.span_id() != SpanId::INVALID || (bits >> 64) as u64 != TICKET {
        return None;
    }
    if links.len() == 1 {
        builder.links = None;
    } else {
        links.remove(0);
    }
    Some(bits as u64)
}
