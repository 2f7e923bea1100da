use super::{client::Client, target::Otlp};
use crate::Error;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};

/// OTLP over HTTP; headers, compression and the protocol are read by the exporter itself.
pub(super) fn exporter(otlp: &Otlp) -> Result<SpanExporter, Error> {
    let client = Client::new(otlp.timeout, otlp.certificate.as_deref())?;
    SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(&otlp.endpoint)
        .with_timeout(otlp.timeout)
        .build()
        .map_err(|error| Error::new(format!("the OTLP exporter cannot be made: {error}")))
}
