use crate::http::{
    in_flight::InFlight, instrumented::Instrumented, request_span::RequestSpan,
    request_state::RequestState,
};
use http::StatusCode;
use std::future::{Future, poll_fn};

/// Span of a request that a client sends, returned by [`ClientLayer::start_span`](super::ClientLayer::start_span). It ends when the
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
    in_flight: Box<InFlight>,
}

impl ClientSpan {
    pub(super) fn new(in_flight: Box<InFlight>) -> Self {
        Self { in_flight }
    }

    /// Returns a future that polls `response` within the span. It ends the span with the status of the response, or with the type of the
    /// error as `error.type`. If the future is dropped before that, the span ends without either.
    pub fn instrument<F, T, E>(
        self,
        response: F,
        status: impl Fn(&T) -> StatusCode,
    ) -> impl Future<Output = Result<T, E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let instrumented = Instrumented::new(Some(response), self.in_flight);
        async move {
            let mut instrumented = std::pin::pin!(instrumented);
            let on_response = |span: &RequestSpan, state: &mut RequestState, response: &mut T| {
                state.record_status(span, status(response));
            };
            let (result, _ended) =
                poll_fn(|context| instrumented.as_mut().poll_response(context, on_response)).await;
            result
        }
    }
}
