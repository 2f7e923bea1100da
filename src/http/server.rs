//! The layer of a server.

use super::{
    answer::ResponseHeader, body::ResponseBody, future::ResponseFuture, methods::Methods,
    public_endpoint::PublicEndpoint, routing::Routing, url::Secrets,
};
use http::{Request, Response, request::Parts};
use http_body::Body;
use std::{
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};
use tower_layer::Layer;
use tower_service::Service;

/// A layer of tower that serves each request in a span of its own, as a part of its caller's trace.
///
/// The span ends with the last byte of the answer, or when that is dropped. See the [module](super) for what it says.
///
/// In axum, add it with `Router::layer`, and read the matched path in [`with_route`](Self::with_route).
///
/// ```
/// use axum::{Router, extract::MatchedPath, routing::get};
/// use tracing_stamp::http::ServerLayer;
///
/// let app: Router = Router::new()
///     .route("/orders/{order}", get(|| async { "shipped" }))
///     .layer(ServerLayer::new().with_route(|request| request.extensions.get().map(MatchedPath::as_str)));
/// # let _ = app;
/// ```
#[derive(Clone, Debug)]
pub struct ServerLayer {
    settings: Settings,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) public_endpoint: PublicEndpoint,
    pub(super) routing: Routing,
    pub(super) answer: ResponseHeader,
    pub(super) has_random_ids: bool,
    pub(super) access_lines: bool,
    pub(super) methods: Methods,
    pub(super) secrets: Secrets,
}

impl ServerLayer {
    /// A layer that goes on with each caller's trace, and answers with `traceresponse`.
    ///
    /// ```
    /// let layer = tracing_stamp::http::ServerLayer::new();
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            settings: Settings {
                public_endpoint: PublicEndpoint::All(false),
                routing: Routing::default(),
                answer: ResponseHeader::default(),
                has_random_ids: true,
                access_lines: false,
                methods: Methods::default(),
                secrets: Secrets::default(),
            },
        }
    }

    /// Whether callers are strangers, as at the public edge of a system; `false` by default.
    ///
    /// A request to a public endpoint begins a trace of its own, with a link to the caller's. The caller can then neither choose a trace
    /// id nor have a trace sampled, since samplers do not see the link, nor bring `tracestate` or baggage. Where several layers are
    /// nested, as routers can be, the outermost public one begins the trace.
    ///
    /// The headers of a trace are removed from the request, so that a proxy does not forward them: those of the W3C, those of the
    /// process's propagator, and those of B3, X-Ray, Jaeger, Google Cloud, Datadog, Sentry, OpenTracing, OpenCensus, Elastic, New Relic,
    /// Dynatrace, Instana and SkyWalking.
    ///
    /// There is no link if OpenTelemetry's layer is behind `reload` and its context activation is off: the span's context cannot be
    /// reached then.
    ///
    /// ```
    /// let edge = tracing_stamp::http::ServerLayer::new().with_public_endpoint(true);
    /// # let _ = edge;
    /// ```
    #[must_use]
    pub fn with_public_endpoint(mut self, is_public: bool) -> Self {
        self.settings.public_endpoint = PublicEndpoint::All(is_public);
        self
    }

    /// Like [`with_public_endpoint`](Self::with_public_endpoint), with a closure that decides for each request. It sees everything but the
    /// body.
    ///
    /// ```
    /// use tracing_stamp::http::ServerLayer;
    ///
    /// let layer = ServerLayer::new()
    ///     .with_public_endpoint_by(|request| !request.headers.contains_key("x-internal"));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_public_endpoint_by(
        mut self,
        is_public: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.settings.public_endpoint = PublicEndpoint::Each(Arc::new(is_public));
        self
    }

    /// Reads the route of a request, such as `/orders/{order}`, from where the router keeps it. It names the span and is on each line as
    /// `http.route`. Without it spans are named by their method alone, since a path could be anything.
    ///
    /// In axum the layer is added with `Router::layer`, so that the path has been matched:
    ///
    /// ```
    /// use axum::{Router, extract::MatchedPath, routing::get};
    /// use tracing_stamp::http::ServerLayer;
    ///
    /// let app: Router = Router::new()
    ///     .route("/orders/{order}", get(|| async { "shipped" }))
    ///     .layer(ServerLayer::new().with_route(|request| request.extensions.get().map(MatchedPath::as_str)));
    /// # let _ = app;
    /// ```
    #[must_use]
    pub fn with_route(
        mut self,
        read: impl for<'p> Fn(&'p Parts) -> Option<&'p str> + Send + Sync + 'static,
    ) -> Self {
        self.settings.routing.read_route(read);
        self
    }

    /// Reads the path as the client sent it, for `url.path`, where a router removes a prefix from the request's URI. By default, and where
    /// the closure returns `None`, it is the URI's path.
    ///
    /// Only a layer *within* a nested router of axum needs this:
    ///
    /// ```
    /// use axum::extract::OriginalUri;
    /// use tracing_stamp::http::ServerLayer;
    ///
    /// let layer = ServerLayer::new()
    ///     .with_path(|request| request.extensions.get().map(|OriginalUri(uri)| uri.path()));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_path(
        mut self,
        read: impl for<'p> Fn(&'p Parts) -> Option<&'p str> + Send + Sync + 'static,
    ) -> Self {
        self.settings.routing.read_path(read);
        self
    }

    /// Reads the address of the other end of the connection, for `client.address` and `network.peer.address`. A
    /// [`Peer`](super::Peer) in the extensions of a request goes before it.
    ///
    /// In axum, with `into_make_service_with_connect_info::<SocketAddr>()`:
    ///
    /// ```
    /// use axum::extract::ConnectInfo;
    /// use tracing_stamp::http::ServerLayer;
    ///
    /// let layer = ServerLayer::new()
    ///     .with_peer(|request| request.extensions.get().map(|ConnectInfo(address)| *address));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_peer(
        mut self,
        read: impl Fn(&Parts) -> Option<SocketAddr> + Send + Sync + 'static,
    ) -> Self {
        self.settings.routing.read_peer(read);
        self
    }

    /// By which header answers name the server's span; [`ResponseHeader::TraceResponse`] by default.
    ///
    /// ```
    /// use tracing_stamp::http::{ResponseHeader, ServerLayer};
    ///
    /// let layer = ServerLayer::new().with_response_header(ResponseHeader::Off);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_response_header(mut self, header: ResponseHeader) -> Self {
        self.settings.answer = header;
        self
    }

    /// Whether the trace ids that this process makes are random, as an answer's header says it: see
    /// [`TraceContextPropagator::with_random_trace_ids`](crate::w3c::TraceContextPropagator::with_random_trace_ids).
    ///
    /// ```
    /// let layer = tracing_stamp::http::ServerLayer::new().with_random_trace_ids(false);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_random_trace_ids(mut self, are_random: bool) -> Self {
        self.settings.has_random_ids = are_random;
        self
    }

    /// Whether one line is logged for each request, when its answer ends: at INFO, with the target `tracing_stamp::http::access`, the
    /// conventions' fields, `http.server.request.duration` in seconds and `http.response.body.size` in bytes. Off by default.
    ///
    /// ```
    /// let layer = tracing_stamp::http::ServerLayer::new().with_access_lines(true);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_access_lines(mut self, are_written: bool) -> Self {
        self.settings.access_lines = are_written;
        self
    }

    /// The methods that a span can be named by, in place of those of RFC 9110, PATCH and QUERY. All others are `_OTHER`.
    ///
    /// ```
    /// let dav = tracing_stamp::http::ServerLayer::new().with_known_methods(["GET", "PUT", "PROPFIND"]);
    /// # let _ = dav;
    /// ```
    #[must_use]
    pub fn with_known_methods(
        mut self,
        methods: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.settings.methods = Methods::new(methods);
        self
    }

    /// The query parameters whose values are replaced by `REDACTED` on access lines and spans, in place of the default list:
    ///
    /// - signatures and credentials of signed URLs: `X-Amz-Signature`, `X-Amz-Credential`, `X-Amz-Security-Token`, `AWSAccessKeyId`,
    ///   `X-Goog-Signature`, `X-Goog-Credential`, `Signature`, `sig`, `sign`;
    /// - tokens: `token`, `access_token`, `auth_token`, `bearer_token`, `csrf_token`, `id_token`, `refresh_token`, `session_token`,
    ///   `security_token`, `jwt`, `sessionid`, `jsessionid`;
    /// - keys: `key`, `api_key`, `access_key`, `app_key`, `private_key`, `secret_key`, `subscription-key`;
    /// - passwords: `password`, `passwd`, `passphrase`, `pwd`, `secret`, `client_secret`, `auth`, `authorization`, `credentials`;
    /// - of OAuth 2.0: `code`, `client_assertion`.
    ///
    /// In the default list neither case nor `-` and `_` count: `apiKey` is `api_key`. Names that are given here are exact.
    ///
    /// ```
    /// let layer = tracing_stamp::http::ServerLayer::new().with_secret_parameters(["token", "sig"]);
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
}

impl Default for ServerLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ServerService {
            inner,
            settings: Arc::new(self.settings.clone()),
        }
    }
}

/// What [`ServerLayer`] makes of a service.
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
    settings: Arc<Settings>,
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
        let (started, inner) = self
            .settings
            .open(request, |request| self.inner.call(request));
        ResponseFuture::new(inner, started)
    }
}
