//! Where spans go.

#[cfg(any(feature = "otlp-http", feature = "zipkin"))]
mod client;
mod console;
#[cfg(feature = "otlp-grpc")]
mod otlp_grpc;
#[cfg(not(feature = "otlp-grpc"))]
#[path = "otlp_grpc_none.rs"]
mod otlp_grpc;
#[cfg(feature = "otlp-http")]
mod otlp_http;
#[cfg(not(feature = "otlp-http"))]
#[path = "otlp_http_none.rs"]
mod otlp_http;
mod target;
#[cfg(feature = "otlp-grpc")]
mod thread;
mod watched;
#[cfg(feature = "zipkin")]
mod zipkin;
#[cfg(not(feature = "zipkin"))]
#[path = "zipkin_none.rs"]
mod zipkin;

pub(super) use self::{
    target::Target,
    watched::{Counts, Ended, Watched},
};
use super::sdk::Sdk;
use crate::Error;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanExporter, TracerProviderBuilder};
use std::sync::Arc;

/// What an exporter needs for as long as it is used.
#[derive(Default)]
pub(super) struct Kept {
    #[cfg(feature = "otlp-grpc")]
    pub(super) runtime: Option<tokio::runtime::Runtime>,
}

impl Kept {
    /// Ends what was kept, without waiting: a runtime cannot be dropped within another.
    pub(super) fn shut_down(&mut self) {
        #[cfg(feature = "otlp-grpc")]
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Adds the exporter for a target. The service is the one whose spans they are.
pub(super) fn add(
    builder: TracerProviderBuilder,
    target: &Target,
    service: &str,
    sdk: &Sdk,
    counts: &Arc<Counts>,
) -> Result<(TracerProviderBuilder, Kept), Error> {
    let mut kept = Kept::default();
    let builder = match target {
        Target::None => builder,
        Target::Console => batched(builder, console::Console, target, sdk, counts),
        Target::OtlpHttp(otlp) => {
            let exporter = otlp_http::exporter(otlp)?;
            batched(builder, exporter, target, sdk, counts)
        }
        Target::OtlpGrpc(otlp) => {
            let (exporter, of_exporter) = otlp_grpc::exporter(otlp)?;
            kept = of_exporter;
            batched(builder, exporter, target, sdk, counts)
        }
        Target::Zipkin { endpoint, timeout } => {
            let exporter = zipkin::exporter(endpoint, *timeout, service)?;
            batched(builder, exporter, target, sdk, counts)
        }
    };
    Ok((builder, kept))
}

fn batched<E: SpanExporter + 'static>(
    builder: TracerProviderBuilder,
    exporter: E,
    target: &Target,
    sdk: &Sdk,
    counts: &Arc<Counts>,
) -> TracerProviderBuilder {
    let watched = Watched::new(exporter, target.to_string(), Arc::clone(counts));
    builder.with_span_processor(BatchSpanProcessor::new(watched, sdk.batch_config()))
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// That a feature is off.
#[allow(dead_code, reason = "not where all are on")]
fn missing(what: &str, feature: &str) -> Error {
    Error::new(format!(
        "spans are to go out by {what}, for which `tracing-stamp` needs its feature `{feature}`"
    ))
}
