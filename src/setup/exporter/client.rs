//! HTTP without an async runtime: spans are exported on a thread of their own, which may block.

use crate::{Error, disk};
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::{path::Path, time::Duration};
use ureq::{
    Agent,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

#[derive(Debug)]
pub(super) struct Client(Agent);

impl Client {
    /// # Errors
    ///
    /// When the certificates cannot be read.
    pub(super) fn new(timeout: Duration, certificate: Option<&Path>) -> Result<Self, Error> {
        let mut config = Agent::config_builder()
            .timeout_global(Some(timeout))
            // Answers are the exporter's to judge; a redirect would lose the body.
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("tracing-stamp/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = certificate {
            let roots = certificates(path).map_err(|error| {
                Error::new(format!(
                    "OTEL_EXPORTER_OTLP_CERTIFICATE is `{}`, whose certificates cannot be read: {error}",
                    path.display()
                ))
            })?;
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Ok(Self(config.build().into()))
    }
}

fn certificates(path: &Path) -> Result<RootCerts, Box<dyn std::error::Error>> {
    let pem = disk::read(path, disk::PEM_BYTES)?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item? {
            certificates.push(certificate);
        }
    }
    Ok(RootCerts::from(certificates))
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = request.map(|body| body.to_vec());
        let (parts, mut body) = self.0.run(request)?.into_parts();
        Ok(Response::from_parts(parts, body.read_to_vec()?.into()))
    }
}
