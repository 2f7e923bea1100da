use reqwest::Request;
use tracing_stamp::http::{ClientLayer, ClientRequest, ClientSpan};

/// Starts the client span of a request, and writes its context into the request headers. `resend_count` is how many times the request was
/// sent before.
pub(crate) fn start(layer: &ClientLayer, request: &mut Request, resend_count: u32) -> ClientSpan {
    let (method, url) = (request.method().clone(), request.url().clone());
    let description = ClientRequest::new(&method, url.as_str()).with_resend_count(resend_count);
    layer.start_span(&description, request.headers_mut())
}
