//! The HTTP client of exporters. It blocks, since exporters run on a separate thread.

use super::failure_cause::FailureCause;
use async_trait::async_trait;
use log_files::excerpt;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::sync::Arc;

/// HTTP client that remembers why a request failed, because the exporters' own errors leave it out.
#[derive(Debug)]
pub(super) struct Client {
    http: collector_client::Client,
    cause: Arc<FailureCause>,
}

impl Client {
    pub(super) fn new(http: collector_client::Client, cause: &Arc<FailureCause>) -> Self {
        Self {
            http,
            cause: Arc::clone(cause),
        }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
        let request = request.map(|body| body.to_vec());
        let (parts, mut body) = self.http.send(request)?.into_parts();
        let body = body
            .read_to_vec()
            .map_err(|error| format!("the response broke off: {error}"))?;
        Ok(Response::from_parts(parts, body.into()))
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let result = self.send(request);
        match &result {
            Ok(response) if response.status().is_success() => {}
            Ok(response) if response.status().is_redirection() => self.cause.set(format!(
                "HTTP {}: redirects are not followed: set the address that this one leads to",
                response.status().as_u16()
            )),
            Ok(response) => {
                let reason = excerpt(&String::from_utf8_lossy(response.body()));
                self.cause
                    .set(format!("HTTP {}: {reason}", response.status().as_u16()));
            }
            Err(cause) => self.cause.set(cause.clone()),
        }
        result.map_err(HttpError::from)
    }
}
