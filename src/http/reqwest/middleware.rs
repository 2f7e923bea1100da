//! The middleware of `reqwest-middleware`.

use super::{ClientLayer, UnderWay, answered, open};
use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next};

/// A middleware that sends each request in a span of its own.
///
/// Added after a middleware that retries, each attempt has its span, with `http.request.resend_count` from the second on.
///
/// ```
/// use reqwest_middleware::ClientBuilder;
/// use tracing_stamp::http::reqwest::TraceMiddleware;
///
/// let client = ClientBuilder::new(reqwest::Client::new())
///     // .with(RetryTransientMiddleware::new_with_policy(policy))
///     .with(TraceMiddleware::default())
///     .build();
/// # let _ = client;
/// ```
#[derive(Clone, Debug, Default)]
pub struct TraceMiddleware {
    settings: ClientLayer,
}

impl TraceMiddleware {
    /// With these settings.
    ///
    /// ```
    /// use tracing_stamp::http::{ClientLayer, reqwest::TraceMiddleware};
    ///
    /// let middleware = TraceMiddleware::new(ClientLayer::new().with_allowed_hosts(["*.internal"]));
    /// # let _ = middleware;
    /// ```
    #[must_use]
    pub fn new(settings: ClientLayer) -> Self {
        Self { settings }
    }
}

/// How often the request of these extensions was sent.
#[derive(Clone, Copy)]
struct Sent(u32);

#[async_trait]
impl Middleware for TraceMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let resends = extensions.get::<Sent>().map_or(0, |sent| sent.0);
        extensions.insert(Sent(resends.saturating_add(1)));
        let started = open(&self.settings, &mut request, resends);
        answered(UnderWay::new(next.run(request, extensions), started)).await
    }
}
