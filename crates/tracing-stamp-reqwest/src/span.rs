//! The client span of a request of `reqwest`.

use reqwest::Request;
use tracing_stamp::http::{ClientLayer, ClientRequest, ClientSpan};

/// Starts the span of a request that was sent `resend_count` times before, and writes its context into the request's headers.
pub(crate) fn start(layer: &ClientLayer, request: &mut Request, resend_count: u32) -> ClientSpan {
    let (method, url) = (request.method().clone(), request.url().clone());
    let described = ClientRequest::new(&method, url.as_str()).with_resend_count(resend_count);
    layer.start_span(&described, request.headers_mut())
}
