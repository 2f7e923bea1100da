use super::{
    body::{ResponseBody, expected_bytes},
    in_flight::InFlight,
    instrumented::Instrumented,
};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

pin_project! {
    /// Future returned by [`ServerService`](super::ServerService) and [`ClientService`](super::ClientService).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: Instrumented<F>,
    }
}

impl<F> ResponseFuture<F> {
    #[inline]
    pub(super) fn new(inner: Option<F>, in_flight: Box<InFlight>) -> Self {
        Self {
            inner: Instrumented::new(inner, in_flight),
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = self.project().inner;
        let (result, in_flight) = ready!(inner.poll_response(context, |span, state, response| {
            state.on_response(span, response);
        }));
        Poll::Ready(result.map(|response| {
            let expected = expected_bytes(&response);
            response.map(|body| ResponseBody::new(body, in_flight, expected))
        }))
    }
}
