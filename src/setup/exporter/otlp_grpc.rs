use super::{Kept, target::Otlp};
use crate::Error;
use opentelemetry_otlp::{
    SpanExporter, WithExportConfig as _, WithTonicConfig as _,
    tonic_types::transport::{Certificate, ClientTlsConfig},
};

/// OTLP over gRPC, on a small runtime of its own: it works inside and outside of the application's.
pub(super) fn exporter(otlp: &Otlp) -> Result<(SpanExporter, Kept), Error> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::new(format!(
            "the OTLP exporter for gRPC cannot be made: {error}"
        ))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("tracing-stamp-grpc")
        .enable_all()
        .build()
        .map_err(|error| failed(&error))?;
    let within = runtime.enter();
    let mut builder = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(&otlp.endpoint)
        .with_timeout(otlp.timeout);
    if let Some(path) = &otlp.certificate {
        let pem = std::fs::read(path).map_err(|error| failed(&error))?;
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
        builder = builder.with_tls_config(tls);
    }
    let exporter = builder.build().map_err(|error| failed(&error))?;
    drop(within);
    Ok((
        exporter,
        Kept {
            runtime: Some(runtime),
        },
    ))
}
