//! The exporter for OTLP over gRPC.

use super::{ExporterRuntime, target::Otlp, thread};
use crate::Error;
use collector_client::ureq::http::{HeaderMap, HeaderName};
use opentelemetry_otlp::{
    Compression, SpanExporter, WithExportConfig as _, WithTonicConfig as _,
    tonic_types::{
        metadata::MetadataMap,
        transport::{Certificate, ClientTlsConfig},
    },
};
use std::error::Error as StdError;

/// Creates an exporter for OTLP over gRPC. It runs on a small runtime of its own, so it works inside and outside of the application's
/// runtime. It uses no proxy, because tonic has no support for proxies.
pub(super) fn exporter(
    otlp: &Otlp,
    roots: Option<Vec<u8>>,
) -> Result<(SpanExporter, ExporterRuntime), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("tracing-stamp-grpc")
        .on_thread_start(thread::mark_as_exporter_thread)
        .enable_all()
        .build()
        .map_err(failed)?;
    // From here on an early return is safe: dropping an `ExporterRuntime` within another runtime does not panic.
    let runtime = ExporterRuntime {
        tokio: Some(runtime),
    };
    let entered = runtime.tokio.as_ref().map(|runtime| runtime.enter());
    let mut builder = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(&otlp.endpoint)
        .with_timeout(otlp.timeout)
        .with_metadata(metadata(&otlp.headers)?);
    if otlp.is_compressed {
        builder = builder.with_compression(Compression::Gzip);
    }
    if otlp.endpoint.starts_with("https://") {
        let tls = match roots {
            Some(pem) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)),
            None => ClientTlsConfig::new().with_enabled_roots(),
        };
        builder = builder.with_tls_config(tls);
    }
    let exporter = builder.build().map_err(failed)?;
    drop(entered);
    Ok((exporter, runtime))
}

fn metadata(headers: &[(String, String)]) -> Result<MetadataMap, Error> {
    let mut map = HeaderMap::new();
    for (key, value) in headers {
        let key = key.parse::<HeaderName>().map_err(failed)?;
        map.insert(key, value.parse().map_err(failed)?);
    }
    Ok(MetadataMap::from_headers(map))
}

fn failed(error: impl StdError + Send + Sync + 'static) -> Error {
    Error::system("the OTLP exporter for gRPC cannot be created").caused_by(error)
}
