use super::make_span::{MakeClientSpan, OutgoingRequest};
use crate::http::{body::ResponseBody, future::ResponseFuture, grpc, host::Host};
use http::{Request, Response, header::HOST};
use http_body::Body;
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// Client wrapped by [`ClientLayer`](super::ClientLayer).
///
/// ```
/// use hyper_util::{client::legacy::{Client, connect::HttpConnector}, rt::TokioExecutor};
/// use tower_layer::Layer as _;
/// use tracing_stamp::http::{ClientLayer, ClientService};
///
/// let client = Client::builder(TokioExecutor::new()).build_http::<axum::body::Body>();
/// let client: ClientService<Client<HttpConnector, axum::body::Body>> = ClientLayer::new().layer(client);
/// # let _ = client;
/// ```
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    inner: S,
    make_span: Arc<MakeClientSpan>,
}

impl<S> ClientService<S> {
    pub(super) fn new(inner: S, make_span: MakeClientSpan) -> Self {
        Self {
            inner,
            make_span: Arc::new(make_span),
        }
    }
}

impl<S, A, B> Service<Request<A>> for ClientService<S>
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
        let (mut parts, body) = request.into_parts();
        let outgoing = OutgoingRequest {
            method: &parts.method,
            host: Host::of(&parts.uri, parts.headers.get(HOST)),
            target_host: parts.uri.host(),
            scheme: parts.uri.scheme_str(),
            path: parts.uri.path(),
            url: parts.uri.to_string(),
            resend_count: 0,
            is_grpc: grpc::is_grpc(&parts.headers),
        };
        let mut in_flight = self.make_span.start(&outgoing, &mut parts.headers);
        let request = Request::from_parts(parts, body);
        let inner =
            in_flight.in_span(|span, state| state.call_service(span, || self.inner.call(request)));
        ResponseFuture::new(Some(inner), in_flight)
    }
}
