//! Where spans go.

mod cause;
mod client;
mod console;
#[cfg(feature = "otlp-grpc")]
mod otlp_grpc;
mod otlp_http;
mod target;
#[cfg(feature = "otlp-grpc")]
mod thread;
#[cfg(feature = "otlp-grpc")]
mod unavailable;
mod watched;
#[cfg(feature = "zipkin")]
mod zipkin;

use self::{cause::Cause, target::Otlp};
pub(super) use self::{
    target::Target,
    watched::{Counts, Ended, Watched},
};
use super::sdk::Sdk;
use crate::{
    Error,
    net::{self, Tls},
};
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

/// Adds the exporter for a target. `service` is the name of the service that makes the spans.
#[cfg_attr(
    not(feature = "zipkin"),
    allow(unused_variables, reason = "only Zipkin's exporter takes the name")
)]
pub(super) fn add(
    builder: TracerProviderBuilder,
    target: &Target,
    service: &str,
    sdk: &Sdk,
    counts: &Arc<Counts>,
) -> Result<(TracerProviderBuilder, Kept), Error> {
    #[allow(unused_mut, reason = "only an exporter for gRPC has anything to keep")]
    let mut kept = Kept::default();
    let batched = Batched {
        builder,
        name: target.to_string(),
        cause: Arc::default(),
        sdk,
        counts,
    };
    let builder = match target {
        Target::None => batched.builder,
        Target::Console => batched.with(console::Console),
        Target::OtlpHttp(otlp) => {
            let http = net::Client::new(&otlp.endpoint, otlp.timeout, tls_of(otlp));
            let batched = batched.through(&http);
            let exporter = otlp_http::exporter(otlp, http, &batched.cause)?;
            batched.with(exporter)
        }
        #[cfg(feature = "otlp-grpc")]
        Target::OtlpGrpc(otlp) => match tls_of(otlp).roots_pem() {
            Ok(roots) => {
                let (exporter, of_exporter) = otlp_grpc::exporter(otlp, roots)?;
                kept = of_exporter;
                batched.with(exporter)
            }
            Err(why) => batched.with(unavailable::Unavailable(format!(
                "{why}. Correct the file and restart the service"
            ))),
        },
        #[cfg(not(feature = "otlp-grpc"))]
        Target::OtlpGrpc(_) => return Err(missing("OTLP over gRPC", "otlp-grpc")),
        #[cfg(feature = "zipkin")]
        Target::Zipkin { endpoint, timeout } => {
            let http = net::Client::new(endpoint, *timeout, Tls::default());
            let batched = batched.through(&http);
            let exporter = zipkin::exporter(endpoint, http, service, &batched.cause)?;
            batched.with(exporter)
        }
        #[cfg(not(feature = "zipkin"))]
        Target::Zipkin { .. } => return Err(missing("Zipkin's protocol", "zipkin")),
    };
    Ok((builder, kept))
}

fn tls_of(otlp: &Otlp) -> Tls {
    Tls {
        roots: otlp.certificate.clone(),
        identity: None,
    }
}

/// What an exporter is added to, and what its messages say.
struct Batched<'a> {
    builder: TracerProviderBuilder,
    /// Where spans go.
    name: String,
    cause: Arc<Cause>,
    sdk: &'a Sdk,
    counts: &'a Arc<Counts>,
}

impl Batched<'_> {
    /// Names the proxy too, if there is one.
    fn through(mut self, http: &net::Client) -> Self {
        self.name += &http.through();
        self
    }

    fn with<E: SpanExporter + 'static>(self, exporter: E) -> TracerProviderBuilder {
        let watched = Watched::new(exporter, self.name, self.cause, Arc::clone(self.counts));
        let processor = BatchSpanProcessor::new(watched, self.sdk.batch_config());
        self.builder.with_span_processor(processor)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// That a feature is off.
#[allow(dead_code, reason = "not where all are on")]
fn missing(what: &str, feature: &str) -> Error {
    Error::invalid_input(format!(
        "spans are to go out by {what}, for which `tracing-stamp` needs its feature `{feature}`"
    ))
}
