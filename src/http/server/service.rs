use super::make_span::MakeServerSpan;
use crate::http::{body::ResponseBody, future::ResponseFuture};
use http::{Request, Response};
use http_body::Body;
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// Service wrapped by [`ServerLayer`](super::ServerLayer).
///
/// ```
/// use tower_layer::Layer as _;
/// use tracing_stamp::http::{ServerLayer, ServerService};
///
/// let service: ServerService<axum::Router> = ServerLayer::new().layer(axum::Router::new());
/// # let _ = service;
/// ```
#[derive(Clone, Debug)]
pub struct ServerService<S> {
    inner: S,
    make_span: Arc<MakeServerSpan>,
}

impl<S> ServerService<S> {
    pub(super) fn new(inner: S, make_span: MakeServerSpan) -> Self {
        Self {
            inner,
            make_span: Arc::new(make_span),
        }
    }
}

impl<S, A, B> Service<Request<A>> for ServerService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body,
{
    type Response = Response<ResponseBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        // The closure leaves the future here. Returning it through each function would copy it as often.
        let mut inner = None;
        let in_flight = self.make_span.start(request, |request| {
            inner = Some(self.inner.call(request));
        });
        ResponseFuture::new(inner, in_flight)
    }
}
