//! A program that does not name its own version of OpenTelemetry to the stamping layer.

use opentelemetry::trace::TracerProvider as _;
#[cfg(not(otel_0_27))]
use opentelemetry_sdk::trace::SdkTracerProvider;
#[cfg(otel_0_27)]
use opentelemetry_sdk::trace::TracerProvider as SdkTracerProvider;
use tracing_subscriber::prelude::*;

fn main() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .with(tracing_stamp::layer());
    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!("request").in_scope(|| tracing::info!("in request"));
    });
}
