//! The layer of a client.

use super::{
    allowed_hosts::AllowedHosts,
    body::ResponseBody,
    client_request::{ClientRequest, ClientSpan},
    client_span::{Outgoing, Settings},
    future::ResponseFuture,
    grpc,
    host::Host,
    methods::Methods,
    url::Secrets,
};
use http::{HeaderMap, Request, Response};
use http_body::Body;
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tower_layer::Layer;
use tower_service::Service;

/// A layer of tower that sends each request in a span of its own, and writes that span into its headers.
///
/// The span ends when the head of the answer is there, as an application need not read the body; that of a gRPC call when its status is.
/// Below a layer that retries, or follows redirects, each attempt has its span and its headers.
///
/// ```
/// use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// use tower::ServiceBuilder;
/// use tracing_stamp::http::ClientLayer;
///
/// let client = Client::builder(TokioExecutor::new()).build_http::<axum::body::Body>();
/// let client = ServiceBuilder::new().layer(ClientLayer::new()).service(client);
/// # let _ = client;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClientLayer {
    settings: Settings,
}

impl ClientLayer {
    /// A layer that sends headers to all hosts.
    ///
    /// ```
    /// let layer = tracing_stamp::http::ClientLayer::new();
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The hosts that get headers, without regard to case and port: `orders.internal`, or `*.internal` for all below it. Others get none,
    /// and still have spans. All hosts by default.
    ///
    /// The address of a request decides, and not its `Host` header; one without a host, as tonic's are without `with_origin`, gets none.
    ///
    /// ```
    /// let layer = tracing_stamp::http::ClientLayer::new().with_allowed_hosts(["*.internal", "127.0.0.1"]);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_allowed_hosts(
        mut self,
        hosts: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.settings.hosts = AllowedHosts::new(hosts);
        self
    }

    /// The methods that a span can be named by: see [`ServerLayer::with_known_methods`](super::ServerLayer::with_known_methods).
    ///
    /// ```
    /// let layer = tracing_stamp::http::ClientLayer::new().with_known_methods(["GET", "PUT", "PROPFIND"]);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_known_methods(
        mut self,
        methods: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.settings.methods = Methods::new(methods);
        self
    }

    /// The query parameters that are redacted: see [`ServerLayer::with_secret_parameters`](super::ServerLayer::with_secret_parameters).
    ///
    /// ```
    /// let layer = tracing_stamp::http::ClientLayer::new().with_secret_parameters(["token"]);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_secret_parameters(
        mut self,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.settings.secrets = Secrets::new(names);
        self
    }

    /// Starts the span of a request now, and writes its context into the headers of the request: for a client that is not made of tower.
    /// Headers for a host that is not [allowed](Self::with_allowed_hosts) have all trace headers removed.
    ///
    /// ```
    /// use tracing_stamp::http::{ClientLayer, ClientRequest};
    ///
    /// let mut headers = http::HeaderMap::new();
    /// let request = ClientRequest::new(&http::Method::GET, "http://orders.internal/orders/7");
    /// let span = ClientLayer::new().start_span(&request, &mut headers);
    /// # drop(span);
    /// ```
    pub fn start_span(&self, request: &ClientRequest<'_>, headers: &mut HeaderMap) -> ClientSpan {
        request.open(|outgoing| self.settings.open(outgoing, headers))
    }

    /// Whether requests to this host carry trace headers: see [`with_allowed_hosts`](Self::with_allowed_hosts). `None` is a request without
    /// a host.
    ///
    /// ```
    /// use tracing_stamp::http::ClientLayer;
    ///
    /// let layer = ClientLayer::new().with_allowed_hosts(["*.internal"]);
    /// assert!(layer.is_allowed_host(Some("orders.internal")));
    /// assert!(!layer.is_allowed_host(Some("example.com")));
    /// ```
    #[must_use]
    pub fn is_allowed_host(&self, host: Option<&str>) -> bool {
        self.settings.hosts.contains(host)
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientService {
            inner,
            settings: Arc::new(self.settings.clone()),
        }
    }
}

/// What [`ClientLayer`] makes of a client.
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
    settings: Arc<Settings>,
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
        let outgoing = Outgoing {
            method: &parts.method,
            host: Host::of(&parts.uri, &parts.headers),
            goes_to: parts.uri.host(),
            scheme: parts.uri.scheme_str(),
            path: parts.uri.path(),
            url: parts.uri.to_string(),
            resends: 0,
            is_grpc: grpc::is_grpc(&parts.headers),
        };
        let mut started = self.settings.open(&outgoing, &mut parts.headers);
        let request = Request::from_parts(parts, body);
        let inner = started.run(|scope, facts| facts.hand_on(scope, || self.inner.call(request)));
        ResponseFuture::new(inner, started)
    }
}
