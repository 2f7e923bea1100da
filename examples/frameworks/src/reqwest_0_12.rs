//! reqwest 0.12: starts a span, writes its context into the headers, and sends the request within it.

use reqwest::{Client, Error, Request, Response};
use tracing::{Instrument as _, field::Empty, info_span};
use tracing_stamp::{opentelemetry::propagation::Injector, w3c};

/// Sends a request in a client span, and names that span in the request headers.
///
/// # Errors
///
/// Returns the errors of [`Client::execute`].
pub async fn send_traced(client: &Client, mut request: Request) -> Result<Response, Error> {
    let span = info_span!(
        "client request",
        otel.name = request.method().as_str(),
        otel.kind = "client",
        http.request.method = request.method().as_str(),
        server.address = request.url().host_str(),
        http.response.status_code = Empty,
    );
    span.in_scope(|| w3c::inject(&mut Headers(request.headers_mut())));
    let response = client.execute(request).instrument(span.clone()).await?;
    span.record("http.response.status_code", response.status().as_u16());
    Ok(response)
}

struct Headers<'a>(&'a mut reqwest::header::HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, name: &str, value: String) {
        use reqwest::header::{HeaderName, HeaderValue};
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}
