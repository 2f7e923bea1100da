//! The exporters of spans, and the target that the environment selects.

mod client;
mod console;
mod failure_cause;
mod monitored;
#[cfg(feature = "otlp-grpc")]
mod otlp_grpc;
mod otlp_http;
mod target;
#[cfg(feature = "otlp-grpc")]
mod thread;
#[cfg(feature = "otlp-grpc")]
mod unavailable;
#[cfg(feature = "zipkin")]
mod zipkin;

use self::{failure_cause::FailureCause, target::Otlp};
pub(super) use self::{
    monitored::{EndedSpanCounter, MonitoredExporter, SpanCounts},
    target::Target,
};
use super::{redacting::RedactingExporter, sdk::SdkSettings};
use crate::Error;
use collector_client::Tls;
use log_redaction::Redactor;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanExporter, TracerProviderBuilder};
use std::sync::Arc;

const USER_AGENT: &str = concat!("tracing-stamp/", env!("CARGO_PKG_VERSION"));

/// The runtime that an exporter runs on, if it needs one.
#[derive(Default)]
pub(super) struct ExporterRuntime {
    #[cfg(feature = "otlp-grpc")]
    pub(super) tokio: Option<tokio::runtime::Runtime>,
}

impl ExporterRuntime {
    /// Shuts the runtime down without waiting. A plain drop would panic within another runtime.
    pub(super) fn shut_down(&mut self) {
        #[cfg(feature = "otlp-grpc")]
        if let Some(runtime) = self.tokio.take() {
            runtime.shutdown_background();
        }
    }
}

/// Adds the exporter for a target. `service` is the name of the service that creates the spans, which `redactor` redacts.
///
/// # Errors
///
/// If the exporter cannot be created, or its feature is off.
#[cfg_attr(
    not(feature = "zipkin"),
    allow(unused_variables, reason = "only Zipkin's exporter takes the name")
)]
pub(super) fn add(
    builder: TracerProviderBuilder,
    target: &Target,
    service: &str,
    sdk: &SdkSettings,
    redactor: Option<&Redactor>,
    counts: &Arc<SpanCounts>,
) -> Result<(TracerProviderBuilder, ExporterRuntime), Error> {
    #[allow(unused_mut, reason = "only the exporter for gRPC needs a runtime")]
    let mut runtime = ExporterRuntime::default();
    let pipeline = Pipeline {
        builder,
        name: target.to_string(),
        cause: Arc::default(),
        sdk,
        redactor,
        counts,
    };
    let builder = match target {
        Target::None => pipeline.builder,
        Target::Console => pipeline.with_exporter(console::Console),
        Target::OtlpHttp(otlp) => {
            let http = collector_client::Client::new(
                &otlp.endpoint,
                USER_AGENT,
                otlp.timeout,
                tls_of(otlp),
            );
            let pipeline = pipeline.through(&http);
            let exporter = otlp_http::exporter(otlp, http, &pipeline.cause)?;
            pipeline.with_exporter(exporter)
        }
        #[cfg(feature = "otlp-grpc")]
        Target::OtlpGrpc(otlp) => match tls_of(otlp).roots_pem() {
            Ok(roots) => {
                let (exporter, exporter_runtime) = otlp_grpc::exporter(otlp, roots)?;
                runtime = exporter_runtime;
                pipeline.with_exporter(exporter)
            }
            Err(why) => pipeline.with_exporter(unavailable::Unavailable(format!(
                "{why}. Correct the file and restart the service"
            ))),
        },
        #[cfg(not(feature = "otlp-grpc"))]
        Target::OtlpGrpc(_) => return Err(missing("OTLP over gRPC", "otlp-grpc")),
        #[cfg(feature = "zipkin")]
        Target::Zipkin { endpoint, timeout } => {
            let http =
                collector_client::Client::new(endpoint, USER_AGENT, *timeout, Tls::default());
            let pipeline = pipeline.through(&http);
            let exporter = zipkin::exporter(endpoint, http, service, &pipeline.cause)?;
            pipeline.with_exporter(exporter)
        }
        #[cfg(not(feature = "zipkin"))]
        Target::Zipkin { .. } => return Err(missing("Zipkin's protocol", "zipkin")),
    };
    Ok((builder, runtime))
}

fn tls_of(otlp: &Otlp) -> Tls {
    Tls {
        roots: otlp.certificate.clone(),
        identity: None,
    }
}

/// A tracer provider's builder to which a batch processor with an exporter is added.
struct Pipeline<'a> {
    builder: TracerProviderBuilder,
    /// Where spans go, as messages name it.
    name: String,
    cause: Arc<FailureCause>,
    sdk: &'a SdkSettings,
    redactor: Option<&'a Redactor>,
    counts: &'a Arc<SpanCounts>,
}

impl Pipeline<'_> {
    /// Adds the proxy, if there is one, to the name.
    fn through(mut self, http: &collector_client::Client) -> Self {
        self.name += &http.through();
        self
    }

    fn with_exporter<E: SpanExporter + 'static>(self, exporter: E) -> TracerProviderBuilder {
        match self.redactor.cloned() {
            Some(redactor) => self.with_redacted(RedactingExporter::new(exporter, redactor)),
            None => self.with_redacted(exporter),
        }
    }

    fn with_redacted<E: SpanExporter + 'static>(self, exporter: E) -> TracerProviderBuilder {
        let monitored =
            MonitoredExporter::new(exporter, self.name, self.cause, Arc::clone(self.counts));
        let processor = BatchSpanProcessor::new(monitored, self.sdk.batch_config());
        self.builder.with_span_processor(processor)
    }
}

impl Drop for ExporterRuntime {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Returns the error for an exporter of a feature that is off.
#[cfg(not(all(feature = "otlp-grpc", feature = "zipkin")))]
fn missing(what: &str, feature: &str) -> Error {
    Error::invalid_input(format!(
        "spans are to be exported through {what}, which needs the feature `{feature}` of tracing-stamp"
    ))
}
