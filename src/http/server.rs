//! The layer of a server.

use super::{
    answer::AnswerHeader,
    body::ResponseBody,
    future::ResponseFuture,
    methods::Methods,
    trust::{Policy, Trust},
    url::Secrets,
};
use http::{Request, Response, request::Parts};
use http_body::Body;
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tower_layer::Layer;
use tower_service::Service;

/// A layer of tower that serves each request in a span of its own, as a part of its caller's trace.
///
/// The span ends with the last byte of the answer, or when that is dropped. See the [module](super) for what it says.
///
/// In axum it belongs around the routes, `Router::layer`, so that the matched path is known.
///
/// ```
/// use axum::{Router, routing::get};
/// use tracing_stamp::http::ServerLayer;
///
/// let app: Router = Router::new()
///     .route("/orders/{order}", get(|| async { "shipped" }))
///     .layer(ServerLayer::new());
/// # let _ = app;
/// ```
#[derive(Clone, Debug)]
pub struct ServerLayer {
    settings: Settings,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) trust: Policy,
    pub(super) answer: AnswerHeader,
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
                trust: Policy::All(Trust::Always),
                answer: AnswerHeader::default(),
                has_random_ids: true,
                access_lines: false,
                methods: Methods::default(),
                secrets: Secrets::default(),
            },
        }
    }

    /// What is made of a caller's trace; [`Trust::Always`] by default.
    ///
    /// ```
    /// use tracing_stamp::http::{ServerLayer, Trust};
    ///
    /// let edge = ServerLayer::new().with_trust(Trust::Restart);
    /// # let _ = edge;
    /// ```
    #[must_use]
    pub fn with_trust(mut self, trust: Trust) -> Self {
        self.settings.trust = Policy::All(trust);
        self
    }

    /// The same by request, of which the closure sees everything but the body.
    ///
    /// ```
    /// use tracing_stamp::http::{ServerLayer, Trust};
    ///
    /// let layer = ServerLayer::new().with_trust_by(|request| match request.headers.get("x-internal") {
    ///     Some(_) => Trust::Always,
    ///     None => Trust::Restart,
    /// });
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_trust_by(
        mut self,
        choose: impl Fn(&Parts) -> Trust + Send + Sync + 'static,
    ) -> Self {
        self.settings.trust = Policy::Each(Arc::new(choose));
        self
    }

    /// By which header answers name the server's span; [`AnswerHeader::TraceResponse`] by default.
    ///
    /// ```
    /// use tracing_stamp::http::{AnswerHeader, ServerLayer};
    ///
    /// let layer = ServerLayer::new().with_answer_header(AnswerHeader::Off);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_answer_header(mut self, header: AnswerHeader) -> Self {
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
