use crate::span;
use async_trait::async_trait;
use http::{Extensions, Method};
use reqwest::{Request, Response, Url};
use reqwest_middleware::{Middleware, Next};
use tracing_stamp::http::ClientLayer;

/// A middleware for `reqwest-middleware` that sends each request in a client span of its own.
///
/// If you add it after a middleware that retries, each attempt has its own span. From the second attempt on, the span
/// has `http.request.resend_count`. Two requests count as attempts of the same request if they share their `Extensions`,
/// method and URL.
///
/// ```
/// use reqwest_middleware::ClientBuilder;
/// use tracing_stamp_reqwest::TraceMiddleware;
///
/// let client = ClientBuilder::new(reqwest::Client::new())
///     // .with(RetryTransientMiddleware::new_with_policy(policy))
///     .with(TraceMiddleware::default())
///     .build();
/// # let _ = client;
/// ```
#[derive(Clone, Debug, Default)]
pub struct TraceMiddleware {
    layer: ClientLayer,
}

impl TraceMiddleware {
    /// Returns a middleware with the settings of a layer.
    ///
    /// ```
    /// use tracing_stamp_reqwest::{ClientLayer, TraceMiddleware};
    ///
    /// let middleware = TraceMiddleware::new(ClientLayer::new().with_allowed_hosts(["*.internal"]));
    /// # let _ = middleware;
    /// ```
    #[must_use]
    pub fn new(layer: ClientLayer) -> Self {
        Self { layer }
    }
}

#[async_trait]
impl Middleware for TraceMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let previous = extensions
            .get::<Sent>()
            .filter(|sent| sent.is_same_request(&request));
        let resend_count = previous.map_or(0, |sent| sent.times);
        extensions.insert(Sent {
            method: request.method().clone(),
            url: request.url().clone(),
            times: resend_count.saturating_add(1),
        });
        let span = span::start(&self.layer, &mut request, resend_count);
        span.instrument(next.run(request, extensions), Response::status)
            .await
    }
}

/// Request extension: the last request that was sent with these extensions, and how many times.
#[derive(Clone)]
struct Sent {
    method: Method,
    url: Url,
    times: u32,
}

impl Sent {
    fn is_same_request(&self, request: &Request) -> bool {
        self.method == request.method() && self.url == *request.url()
    }
}
