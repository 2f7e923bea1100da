//! The middleware of `reqwest-middleware`.

use super::{ClientLayer, UnderWay, answered, open};
use async_trait::async_trait;
use http::{Extensions, Method};
use reqwest::{Request, Response, Url};
use reqwest_middleware::{Middleware, Next};

/// A middleware that sends each request in a span of its own.
///
/// Added after a middleware that retries, each attempt has its span, with `http.request.resend_count` from the second on: of the same
/// `Extensions`, to the same address and by the same method. Another request with these `Extensions` begins anew.
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

/// The request that was last sent with these extensions, and how often.
#[derive(Clone)]
struct Sent {
    method: Method,
    url: Url,
    times: u32,
}

impl Sent {
    fn is(&self, request: &Request) -> bool {
        self.method == request.method() && self.url == *request.url()
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
        let before = extensions.get::<Sent>().filter(|sent| sent.is(&request));
        let resends = before.map_or(0, |sent| sent.times);
        extensions.insert(Sent {
            method: request.method().clone(),
            url: request.url().clone(),
            times: resends.saturating_add(1),
        });
        let started = open(&self.settings, &mut request, resends);
        answered(UnderWay::new(next.run(request, extensions), started)).await
    }
}
