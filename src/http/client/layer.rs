use super::{
    make_span::MakeClientSpan, request::ClientRequest, service::ClientService, span::ClientSpan,
};
use crate::http::allowed_hosts::AllowedHosts;
use http::HeaderMap;
use tower_layer::Layer;

/// Tower layer that sends each request in a span of its own, and writes the ids of that span into the request headers.
///
/// The span of an HTTP request ends when the head of the response arrives, because an application need not read the body. The span of a
/// gRPC call ends when its status arrives. Below a layer that retries or follows redirects, each attempt has its own span and headers.
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
    make_span: MakeClientSpan,
}

impl ClientLayer {
    /// Returns a layer that sends trace headers to all hosts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the hosts that get trace headers, such as `["orders.internal", "127.0.0.1"]`. `*.internal` means all hosts below `internal`.
    /// Case and port do not matter. Requests to other hosts get no headers, and still have spans. By default all hosts get headers. `*`
    /// alone, or in any other place of a name, allows no host.
    ///
    /// The address of the request decides, and not its `Host` header. With such a list, a request without a host gets no headers. Requests
    /// of tonic have no host unless the client was created by `with_origin`.
    #[must_use]
    pub fn with_allowed_hosts(
        mut self,
        hosts: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.make_span.hosts = AllowedHosts::new(hosts);
        self
    }

    /// Sets the known methods, which name spans: see [`ServerLayer::with_known_methods`](crate::http::ServerLayer::with_known_methods).
    #[must_use]
    pub fn with_known_methods(
        mut self,
        methods: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.make_span.settings.set_known_methods(methods);
        self
    }

    /// Sets the query parameters to redact: see
    /// [`ServerLayer::with_secret_parameters`](crate::http::ServerLayer::with_secret_parameters).
    #[must_use]
    pub fn with_secret_parameters(
        mut self,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.make_span.settings.set_secret_parameters(names);
        self
    }

    /// Starts the span of a request now, and writes its context into the request headers. Use this for a client that is not built on
    /// tower; [`ClientSpan`] has an example. If the host is not [allowed](Self::with_allowed_hosts), all trace headers are removed instead.
    pub fn start_span(&self, request: &ClientRequest<'_>, headers: &mut HeaderMap) -> ClientSpan {
        request.start(|outgoing| self.make_span.start(outgoing, headers))
    }

    /// Returns whether requests to this host get trace headers: see [`with_allowed_hosts`](Self::with_allowed_hosts). `None` means a
    /// request without a host.
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
        self.make_span.hosts.contains(host)
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientService::new(inner, self.make_span.clone())
    }
}
