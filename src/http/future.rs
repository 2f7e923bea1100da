//! The answer that is waited for.

use super::{body::ResponseBody, started::Started, under_way::UnderWay};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

pin_project! {
    /// The future of [`ServerService`](super::ServerService) and [`ClientService`](super::ClientService).
    ///
    /// ```
    /// use tower_service::Service;
    /// use tracing_stamp::http::{ResponseFuture, ServerService};
    ///
    /// fn answer<S: Service<http::Request<B>, Response = http::Response<B>>, B: http_body::Body>(
    ///     server: &mut ServerService<S>,
    ///     request: http::Request<B>,
    /// ) -> ResponseFuture<S::Future> {
    ///     server.call(request)
    /// }
    /// ```
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        request: UnderWay<F>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, started: Started) -> Self {
        Self {
            request: UnderWay::new(inner, started),
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
        let request = self.project().request;
        let (result, started) = ready!(request.poll_answer(context, |scope, facts, response| {
            facts.note_answer(scope, response);
        }));
        Poll::Ready(result.map(|response| {
            let (head, body) = response.into_parts();
            let body = ResponseBody::new(body, started, &head);
            Response::from_parts(head, body)
        }))
    }
}
