//! The HTTP client of exporters. They run on a thread of their own, which may block.

use super::cause::Cause;
use crate::{foreign::excerpt, net};
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::sync::Arc;

/// Notes why it fails: the exporters' own errors do not say it.
#[derive(Debug)]
pub(super) struct Client {
    http: net::Client,
    cause: Arc<Cause>,
}

impl Client {
    pub(super) fn new(http: net::Client, cause: &Arc<Cause>) -> Self {
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
            Ok(response) if response.status().is_redirection() => self.cause.note(format!(
                "HTTP {}: a redirect, which is not followed: use the address that it leads to",
                response.status().as_u16()
            )),
            Ok(response) => {
                let words = excerpt(&String::from_utf8_lossy(response.body()));
                self.cause
                    .note(format!("HTTP {}: {words}", response.status().as_u16()));
            }
            Err(cause) => self.cause.note(cause.clone()),
        }
        result.map_err(HttpError::from)
    }
}
