//! The exporter for OTLP over HTTP.

use super::{
    client::Client,
    failure_cause::FailureCause,
    target::{Otlp, Protocol},
};
use crate::Error;
use opentelemetry_otlp::{Compression, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use std::sync::Arc;

/// Creates an exporter for OTLP over HTTP.
pub(super) fn exporter(
    otlp: &Otlp,
    http: collector_client::Client,
    cause: &Arc<FailureCause>,
) -> Result<SpanExporter, Error> {
    let client = Client::new(http, cause);
    let protocol = match otlp.protocol {
        Protocol::HttpJson => opentelemetry_otlp::Protocol::HttpJson,
        Protocol::HttpProtobuf | Protocol::Grpc => opentelemetry_otlp::Protocol::HttpBinary,
    };
    let mut builder = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(protocol)
        .with_endpoint(&otlp.endpoint)
        .with_timeout(otlp.timeout)
        .with_headers(otlp.headers.iter().cloned().collect());
    if otlp.is_compressed {
        builder = builder.with_compression(Compression::Gzip);
    }
    builder
        .build()
        .map_err(|error| Error::system("the OTLP exporter cannot be created").caused_by(error))
}
