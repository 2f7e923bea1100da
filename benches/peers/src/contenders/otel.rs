//! OpenTelemetry's layer for spans. On its own it is the baseline. With a JSON layer, it is the source of the ids.

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, TracerProviderBuilder};
use tracing::Subscriber;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Identity, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::{Contender, install};
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "otel",
    what: "nothing: registry and OpenTelemetry layer",
    swept: true,
    run: |job| {
        install!(job, Identity::new());
        workload::run(job)
    },
};

/// A layer that samples every span, exports none, and ignores events.
pub fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    spans_alone(unfiltered())
}

/// The same as [`layer`], with a span processor.
#[cfg(feature = "stamp")]
pub fn layer_to<S>(
    processor: impl opentelemetry_sdk::trace::SpanProcessor + 'static,
) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    spans_alone(of(
        SdkTracerProvider::builder().with_span_processor(processor)
    ))
}

/// The same as [`layer`], over a tracer that reports the ids of spans.
#[cfg(feature = "stamp")]
pub fn reporting<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    reporting_of(SdkTracerProvider::builder())
}

/// The same as [`reporting`], with a span processor.
#[cfg(feature = "stamp")]
pub fn reporting_to<S>(
    processor: impl opentelemetry_sdk::trace::SpanProcessor + 'static,
) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    reporting_of(SdkTracerProvider::builder().with_span_processor(processor))
}

#[cfg(feature = "stamp")]
fn reporting_of<S>(provider: TracerProviderBuilder) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let provider = provider.with_sampler(Sampler::AlwaysOn).build();
    spans_alone(tracing_stamp::otel_layer(
        provider.tracer("peers"),
        |layer| layer,
    ))
}

/// The same as [`layer`], but it receives events too.
pub fn unfiltered<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    of(SdkTracerProvider::builder())
}

fn of<S>(provider: TracerProviderBuilder) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let provider = provider.with_sampler(Sampler::AlwaysOn).build();
    tracing_opentelemetry::layer().with_tracer(provider.tracer("peers"))
}

fn spans_alone<S>(layer: impl Layer<S>) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    layer.with_filter(filter_fn(|metadata| metadata.is_span()))
}
