//! OpenTelemetry's layer over a tracer that reports ids, between two layers that find out which span the ids belong to.

use super::ids::{AfterOtel, BeforeOtel};
use crate::trace_context::{InUse, StampTracer};
use opentelemetry::trace::Tracer;
use tracing_core::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::{Layer, registry::LookupSpan};

/// OpenTelemetry's layer, which reports each span's ids to stamping layers.
///
/// Add it to a `registry()` in place of `tracing_opentelemetry::layer().with_tracer(tracer)`. `configure` takes the layer and
/// returns it with its settings. Stamping layers of the same subscriber can come before or after it.
///
/// Without it, a stamping layer learns a span's ids by watching the current context, and by asking OpenTelemetry if asking has
/// no side effects. Some ids cannot be learnt that way, so lines do not have them:
///
/// | line | with `otel_layer` | with `tracing_opentelemetry::layer()` |
/// |---|---|---|
/// | an event within a span | the span's ids | the span's ids |
/// | an event that names a span (`parent: &span`), a lifecycle line | the span's ids | the span's ids, but none until the first span has closed |
/// | the same behind `reload`, or if nothing is sampled | the span's ids | mostly none |
/// | `parent_span_id`, on closing lines and, with [`with_parent_span_id`](crate::StampLayer::with_parent_span_id), on all lines | the exported parent, also after `set_parent` | none: a layer cannot observe `set_parent` |
///
/// Add a filter to the layer that this function returns, as in the example. A filter within `configure` works too, but then
/// the filters are asked even at call sites that no layer is interested in. To reload the layer, put the layer that this
/// function returns into the `reload::Layer`. If a stamping layer comes before such a `reload::Layer`, a span that is never
/// entered closes without ids. If `configure` replaces the tracer, stamping layers learn ids as they do without this function.
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

/// OpenTelemetry's layer of any version, between the two layers that find out which span its tracer is asked for. The tracer
/// keeps the value that `make` is given. Called by [`otel_layer_of!`](crate::otel_layer_of).
#[doc(hidden)]
pub fn bracket<S, L>(make: impl FnOnce(InUse) -> L) -> impl Layer<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    L: Layer<S>,
{
    let (held, in_use) = InUse::new();
    let layer = make(held);
    BeforeOtel::new(in_use.clone())
        .and_then(layer)
        .and_then(AfterOtel::new(in_use))
}
