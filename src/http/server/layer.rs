use super::{
    make_span::MakeServerSpan, public_endpoint::PublicEndpoint, routing::Routing,
    service::ServerService, verbosity::Verbosity,
};
use crate::http::{attributes::AttributeSettings, response_header::ResponseHeader};
use http::request::Parts;
use std::{net::SocketAddr, sync::Arc};
use tower_layer::Layer;
use tracing_core::Level;

/// Tower layer that serves each request in a span of its own, as a part of the caller's trace.
///
/// The span ends with the last byte of the response, or when the response is dropped. The [module](crate::http) lists its attributes.
///
/// In axum, add it with `Router::layer`, and read the matched path in [`with_route`](Self::with_route):
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
    make_span: MakeServerSpan,
}

impl ServerLayer {
    /// Returns a layer that continues the trace of each caller, and names the span in the `traceresponse` header of the response.
    #[must_use]
    pub fn new() -> Self {
        Self {
            make_span: MakeServerSpan {
                public_endpoint: PublicEndpoint::All(false),
                routing: Routing::default(),
                response_header: ResponseHeader::default(),
                has_random_ids: true,
                access_lines: false,
                verbosity: Verbosity::default(),
                settings: AttributeSettings::default(),
            },
        }
    }

    /// Sets whether this is a public endpoint, which does not trust its callers. `false` by default.
    ///
    /// A request to a public endpoint begins a new trace, with a link to the caller's trace. The caller cannot choose the trace id, cannot
    /// have the trace sampled (samplers do not see the link), and cannot pass on `tracestate` or baggage. If several layers are nested, as
    /// routers can be, the outermost layer that is a public endpoint begins the trace.
    ///
    /// The layer removes the trace headers from the request, so that a service that forwards its requests does not forward them: those of
    /// the W3C, those of the process's propagator, and those of B3, X-Ray, Jaeger, Google Cloud, Datadog, Sentry, OpenTracing, OpenCensus,
    /// Elastic, New Relic, Dynatrace, Instana and SkyWalking.
    ///
    /// There is no link if OpenTelemetry's layer is behind `reload` and its context activation is off, because the span's context cannot
    /// be reached then.
    #[must_use]
    pub fn with_public_endpoint(mut self, is_public: bool) -> Self {
        self.make_span.public_endpoint = PublicEndpoint::All(is_public);
        self
    }

    /// Sets whether this is a [public endpoint](Self::with_public_endpoint), by a closure that decides for each request. The closure sees
    /// everything but the body.
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
        self.make_span.public_endpoint = PublicEndpoint::Each(Arc::new(is_public));
        self
    }

    /// Sets a closure that reads the route of a request, such as `/orders/{order}`, from where the router keeps it.
    ///
    /// The route is a part of the span's name, and is on each line as `http.route`. Without it a span is named by its method alone,
    /// because a path can contain anything.
    ///
    /// In axum, add the layer with `Router::layer`, so that the path is matched before the closure runs:
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
        self.make_span.routing.read_route(read);
        self
    }

    /// Sets a closure that reads the path as the client sent it, for `url.path`. By default, and if the closure returns `None`, this is
    /// the path of the request's URI.
    ///
    /// A layer needs this if the router has removed a prefix from the URI. In axum, only a layer *within* a nested router does:
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
        self.make_span.routing.read_path(read);
        self
    }

    /// Sets a closure that reads the address of the other end of the connection, for `client.address` and `network.peer.address`. A
    /// [`Peer`](super::Peer) in the extensions of a request takes precedence.
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
        self.make_span.routing.read_peer(read);
        self
    }

    /// Sets the header in which a response names the server's span. [`ResponseHeader::TraceResponse`] by default.
    #[must_use]
    pub fn with_response_header(mut self, header: ResponseHeader) -> Self {
        self.make_span.response_header = header;
        self
    }

    /// Sets whether the trace ids that this process generates are random, for the random flag in the response header. `true` by default.
    /// See [`TraceContextPropagator::with_random_trace_ids`](crate::w3c::TraceContextPropagator::with_random_trace_ids).
    #[must_use]
    pub fn with_random_trace_ids(mut self, are_random: bool) -> Self {
        self.make_span.has_random_ids = are_random;
        self
    }

    /// Sets whether to log one line for each request when its response ends. `false` by default.
    ///
    /// The line is logged at INFO with the target `tracing_stamp::http::access`. Its fields are those of OpenTelemetry's conventions,
    /// among them `http.server.request.duration` in seconds and `http.response.body.size` in bytes.
    #[must_use]
    pub fn with_access_lines(mut self, are_written: bool) -> Self {
        self.make_span.access_lines = are_written;
        self
    }

    /// Sets a closure that can give the trace of a request a [level above the filter](crate::trace_level), so that its DEBUG lines are
    /// written, and those of no other request. The level ends with the request's span. By default no request has one.
    ///
    /// The closure sees everything but the body. [`trace_level::from_baggage`](crate::trace_level::from_baggage) returns one for
    /// services behind others, and [`trace_level::from_header`] one for a public endpoint. Do not let strangers choose the level: many
    /// DEBUG lines slow the service down.
    ///
    /// ```
    /// use tracing::Level;
    /// use tracing_stamp::{http::ServerLayer, trace_level};
    ///
    /// // One order is being investigated. Besides, callers within the system can choose the level.
    /// let by_baggage = trace_level::from_baggage();
    /// let layer = ServerLayer::new().with_verbosity(move |request| {
    ///     let is_investigated = request.uri.path() == "/orders/1017";
    ///     by_baggage(request).or(is_investigated.then_some(Level::DEBUG))
    /// });
    /// # let _ = layer;
    /// ```
    ///
    /// [`trace_level::from_header`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/trace_level/fn.from_header.html
    #[must_use]
    pub fn with_verbosity(
        mut self,
        level_of: impl Fn(&Parts) -> Option<Level> + Send + Sync + 'static,
    ) -> Self {
        self.make_span.verbosity = Verbosity::new(level_of);
        self
    }

    /// Sets the known methods, such as `["GET", "PUT", "PROPFIND"]` for WebDAV. They replace the default list, which is the methods of
    /// RFC 9110, PATCH and QUERY.
    ///
    /// Only a known method names a span. For any other method, `http.request.method` is `_OTHER`.
    #[must_use]
    pub fn with_known_methods(
        mut self,
        methods: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.make_span.settings.set_known_methods(methods);
        self
    }

    /// Sets the query parameters to redact: `REDACTED` replaces their values on access lines and spans. They replace the rules
    /// of [`init`], such as the keys of `LOG_REDACT_KEYS`, and the default list. The default list has the
    /// [secret keys](crate::Redaction::secret_keys), and these names:
    ///
    /// - signatures and credentials of signed URLs: `X-Amz-Signature`, `X-Amz-Credential`, `X-Amz-Security-Token`, `AWSAccessKeyId`,
    ///   `X-Goog-Signature`, `X-Goog-Credential`, `Signature`, `sig`, `sign`;
    /// - tokens: `token`, `access_token`, `auth_token`, `bearer_token`, `csrf_token`, `id_token`, `refresh_token`, `session_token`,
    ///   `security_token`, `jwt`, `sessionid`, `jsessionid`;
    /// - keys: `key`, `api_key`, `access_key`, `app_key`, `private_key`, `secret_key`, `subscription-key`;
    /// - passwords: `password`, `passwd`, `passphrase`, `pwd`, `secret`, `client_secret`, `auth`, `authorization`, `credentials`;
    /// - OAuth 2.0: `code`, `client_assertion`.
    ///
    /// The default list ignores case, `-` and `_`: `apiKey` is the same as `api_key`. Names that are set here must match exactly.
    ///
    /// [`init`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html
    #[must_use]
    pub fn with_secret_parameters(
        mut self,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.make_span.settings.set_secret_parameters(names);
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
        ServerService::new(inner, self.make_span.clone())
    }
}
