use super::{make_span::OutgoingRequest, span::ClientSpan};
use crate::http::{host::Host, in_flight::InFlight};
use http::{Method, Uri};

/// Description of a request that a client is about to send, for [`ClientLayer::start_span`](super::ClientLayer::start_span).
#[derive(Clone, Copy, Debug)]
pub struct ClientRequest<'r> {
    method: &'r Method,
    url: &'r str,
    resend_count: u32,
}

impl<'r> ClientRequest<'r> {
    /// Describes a request to an absolute URL. If `http::Uri` cannot parse the URL, the span has no `server.address`.
    #[must_use]
    pub fn new(method: &'r Method, url: &'r str) -> Self {
        Self {
            method,
            url,
            resend_count: 0,
        }
    }

    /// Sets how many times this request was sent before, for `http.request.resend_count`. 0 by default.
    #[must_use]
    pub fn with_resend_count(mut self, resend_count: u32) -> Self {
        self.resend_count = resend_count;
        self
    }

    pub(super) fn start(
        &self,
        start: impl FnOnce(&OutgoingRequest<'_>) -> Box<InFlight>,
    ) -> ClientSpan {
        let uri = self.url.parse::<Uri>().unwrap_or_default();
        ClientSpan::new(start(&OutgoingRequest {
            method: self.method,
            host: uri.authority().map(Host::from_authority),
            target_host: uri.host(),
            scheme: uri.scheme_str(),
            path: uri.path(),
            url: self.url.to_owned(),
            resend_count: self.resend_count,
            // The status of a gRPC call is in the trailers, and `ClientSpan` does not see those.
            is_grpc: false,
        }))
    }
}
