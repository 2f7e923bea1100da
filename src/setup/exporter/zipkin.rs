//! The exporter for `OTEL_TRACES_EXPORTER=zipkin`.
#![allow(
    deprecated,
    reason = "OpenTelemetry deprecates it in favour of OTLP, but users with a Zipkin server need it"
)]

use super::{client::Client, failure_cause::FailureCause};
use crate::Error;
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_zipkin::ZipkinExporter;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Creates an exporter that sends spans in Zipkin's format.
pub(super) fn exporter(
    endpoint: &str,
    http: collector_client::Client,
    service: &str,
    cause: &Arc<FailureCause>,
) -> Result<ZipkinExporter, Error> {
    let client = WithServiceName {
        client: Client::new(http, cause),
        service: service.to_owned(),
    };
    ZipkinExporter::builder()
        .with_http_client(client)
        .with_collector_endpoint(endpoint)
        .build()
        .map_err(|error| Error::system("the Zipkin exporter cannot be created").caused_by(error))
}

/// HTTP client that adds the name of the service to each span, which `opentelemetry-zipkin` 0.33 leaves out. It is the name of the local
/// endpoint in [OpenTelemetry's mapping](https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/#resource).
#[derive(Debug)]
struct WithServiceName {
    client: Client,
    service: String,
}

#[async_trait]
impl HttpClient for WithServiceName {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let mut spans: Vec<Map<String, Value>> = serde_json::from_slice(&body)?;
        for span in &mut spans {
            let endpoint = span
                .entry("localEndpoint")
                .or_insert_with(|| Map::new().into());
            if let Value::Object(endpoint) = endpoint {
                endpoint.insert("serviceName".to_owned(), self.service.as_str().into());
            }
        }
        let body = serde_json::to_vec(&spans)?;
        self.client
            .send_bytes(Request::from_parts(parts, body.into()))
            .await
    }
}
