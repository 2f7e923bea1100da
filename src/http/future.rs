//! The answer that is waited for.

use super::{
    body::ResponseBody,
    started::{CANCELLED, Started},
};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    any::type_name,
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
        inner: Option<F>,
        started: Option<Started>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(mut started) = this.started.take() {
                started.run(|scope, facts| {
                    // Within the request: what is logged while it is taken down has its ids.
                    this.inner.set(None);
                    facts.note_given_up(scope, CANCELLED);
                    facts.note_end(scope, 0);
                });
            }
        }
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, started: Started) -> Self {
        Self {
            inner: Some(inner),
            started: Some(started),
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
        let mut this = self.project();
        // Polled after its end: as with any future, there is no more to come.
        let Some(started) = this.started.as_mut() else {
            return Poll::Pending;
        };
        let result = ready!(started.run(|scope, facts| {
            let Some(inner) = this.inner.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            let mut result = ready!(inner.poll(context));
            match &mut result {
                Ok(response) => facts.note_answer(scope, response),
                Err(_) => {
                    facts.note_error(scope, type_name::<E>());
                    facts.note_end(scope, 0);
                }
            }
            this.inner.set(None);
            Poll::Ready(result)
        }));
        let started = this.started.take();
        Poll::Ready(result.map(|response| {
            let (head, body) = response.into_parts();
            let body = ResponseBody::new(body, started, &head);
            Response::from_parts(head, body)
        }))
    }
}
