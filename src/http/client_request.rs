//! The seam for HTTP clients that are not made of tower: a description of the request in, its span out.

use super::{
    client_span::Outgoing,
    host::Host,
    scope::Scope,
    started::{Facts, Started},
    under_way::UnderWay,
};
use http::{Method, StatusCode, Uri};
use std::future::{Future, poll_fn};

/// A request that a client is about to send, as [`ClientLayer::start_span`](super::ClientLayer::start_span) needs it.
///
/// ```
/// use tracing_stamp::http::ClientRequest;
///
/// let second_attempt = ClientRequest::new(&http::Method::GET, "http://orders.internal/orders/7").with_resend_count(1);
/// # let _ = second_attempt;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ClientRequest<'r> {
    method: &'r Method,
    url: &'r str,
    resend_count: u32,
}

impl<'r> ClientRequest<'r> {
    /// A request to an absolute URL. A URL that `http::Uri` cannot parse has no `server.address` on its span.
    #[must_use]
    pub fn new(method: &'r Method, url: &'r str) -> Self {
        Self {
            method,
            url,
            resend_count: 0,
        }
    }

    /// How many times this request was sent before, for `http.request.resend_count`; 0 by default.
    #[must_use]
    pub fn with_resend_count(mut self, resend_count: u32) -> Self {
        self.resend_count = resend_count;
        self
    }

    pub(super) fn open(&self, open: impl FnOnce(&Outgoing<'_>) -> Started) -> ClientSpan {
        let uri = self.url.parse::<Uri>().unwrap_or_default();
        let started = open(&Outgoing {
            method: self.method,
            host: uri.authority().map(Host::from_authority),
            goes_to: uri.host(),
            scheme: uri.scheme_str(),
            path: uri.path(),
            url: self.url.to_owned(),
            resends: self.resend_count,
            // Its status is in trailers, which such a client does not show.
            is_grpc: false,
        });
        ClientSpan { started }
    }
}

/// The span of a request that a client sends. Started by [`ClientLayer::start_span`](super::ClientLayer::start_span); it ends when the
/// response has arrived, or when it is dropped.
///
/// ```
/// use http::{HeaderMap, Method, StatusCode};
/// use tracing_stamp::http::{ClientLayer, ClientRequest};
///
/// # async fn call(send: impl AsyncFnOnce(HeaderMap) -> std::io::Result<StatusCode>) -> std::io::Result<StatusCode> {
/// let mut headers = HeaderMap::new();
/// let request = ClientRequest::new(&Method::GET, "http://orders.internal/orders/7");
/// let span = ClientLayer::new().start_span(&request, &mut headers);
/// span.instrument(send(headers), |status| *status).await
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the span ends when it is dropped"]
pub struct ClientSpan {
    started: Started,
}

impl ClientSpan {
    /// A future that sends the request within the span, and ends the span with the status of the response, or with the error's type as
    /// `error.type`. If it is dropped before that, `error.type` is `cancelled`.
    pub fn instrument<F, T, E>(
        self,
        response: F,
        status: impl Fn(&T) -> StatusCode,
    ) -> impl Future<Output = Result<T, E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let under_way = UnderWay::new(response, self.started);
        async move {
            let mut under_way = std::pin::pin!(under_way);
            let note = |scope: &Scope, facts: &mut Facts, response: &mut T| {
                facts.note_status(scope, status(response));
            };
            let (result, _ended) =
                poll_fn(|context| under_way.as_mut().poll_answer(context, note)).await;
            result
        }
    }
}
