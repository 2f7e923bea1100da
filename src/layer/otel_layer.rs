//! OpenTelemetry's layer over a tracer that reports ids, between two layers that find out which span the ids belong to.

use super::span_state;
use crate::trace_context::{InUse, StampTracer, begin_making, end_making};
use opentelemetry::trace::Tracer;
use std::sync::Weak;
use tracing_core::{
    Subscriber,
    span::{Attributes, Id},
};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// OpenTelemetry's layer, from which stamping layers learn each span's ids exactly.
///
/// Add it to a `registry()` in place of `tracing_opentelemetry::layer().with_tracer(tracer)`. `configure` takes the layer and
/// returns it with its settings. Stamping layers of the same subscriber can stand before or after it.
///
/// Without it, a stamping layer learns a span's ids by watching which context is current, and by asking OpenTelemetry where
/// that changes nothing. Some ids cannot be learnt that way. Lines then leave the keys out:
///
/// | line | with `otel_layer` | with `tracing_opentelemetry::layer()` |
/// |---|---|---|
/// | an event within a span | the span's ids | the span's ids |
/// | an event that names a span (`parent: &span`), a line of a span's life | the span's ids | the span's ids, but none until the first span has closed |
/// | the same behind `reload`, or where nothing is sampled | the span's ids | mostly none |
/// | a closing line's `parent_span_id` | the exported parent, also after `set_parent` | none: a layer cannot observe `set_parent` |
///
/// Add a filter to the layer that this function returns, as in the example. A filter within `configure` works too, but then
/// call sites that no layer is interested in cost a look at the filters. To reload the layer, put the layer that this function
/// returns into the `reload::Layer`; behind it, a span that is never entered closes without ids where the stamping layer
/// stands before. If `configure` replaces the tracer, stamping layers learn as they do without this function.
///
/// ```
/// use opentelemetry::trace::TracerProvider as _;
/// use opentelemetry_sdk::trace::SdkTracerProvider;
/// use tracing_subscriber::{filter::LevelFilter, prelude::*};
///
/// let provider = SdkTracerProvider::builder().build();
/// let otel = tracing_stamp::otel_layer(provider.tracer("orders"), |layer| layer.with_threads(false));
/// let subscriber = tracing_subscriber::registry()
///     .with(otel.with_filter(LevelFilter::INFO))
///     .with(tracing_stamp::layer());
/// # let _ = subscriber;
/// ```
pub fn otel_layer<S, T, L>(
    tracer: T,
    configure: impl FnOnce(OpenTelemetryLayer<S, StampTracer<T>>) -> L,
) -> impl Layer<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    T: Tracer + 'static,
    T::Span: Send + Sync,
    L: Layer<S>,
{
    bracket(|in_use| {
        let tracer = StampTracer::new(tracer, in_use);
        configure(tracing_opentelemetry::layer().with_tracer(tracer))
    })
}

/// OpenTelemetry's layer of any version, over a tracer that holds what it is given, between the two layers that find out
/// which span the tracer is asked for. Called by [`otel_layer_of!`](crate::otel_layer_of).
#[doc(hidden)]
pub fn bracket<S, L>(make: impl FnOnce(InUse) -> L) -> impl Layer<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    L: Layer<S>,
{
    let (held, in_use) = InUse::new();
    let layer = make(held);
    let close = Close {
        in_use: in_use.clone(),
    };
    Open { in_use }.and_then(layer).and_then(close)
}

/// Stands before OpenTelemetry's layer, and notes which span that layer is about to see.
#[derive(Debug)]
pub(super) struct Open {
    /// There as long as the layer has the tracer.
    in_use: Weak<()>,
}

impl Open {
    /// Whether the tracer is that of a layer, and was not replaced.
    pub(super) fn is_in_use(&self) -> bool {
        self.in_use.strong_count() > 0
    }
}

/// Stands after OpenTelemetry's layer, and passes on to stamping layers what became of the span.
#[derive(Debug)]
struct Close {
    in_use: Weak<()>,
}

impl<S> Layer<S> for Open
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        if self.is_in_use() {
            begin_making(id.into_u64());
        }
    }
}

impl<S> Layer<S> for Close
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        if self.in_use.strong_count() > 0
            && let Some(made) = end_making(id.into_u64())
            && let Some(span) = ctx.span(id)
        {
            span_state::tell(&span, made);
        }
    }
}
