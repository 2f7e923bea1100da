use crate::span;
use reqwest::{RequestBuilder, Response};
use std::future::Future;
use tracing_stamp::http::ClientLayer;

/// Extension trait for [`RequestBuilder`] that sends a request in a client span of its own.
///
/// ```no_run
/// use tracing_stamp_reqwest::SendTraced as _;
///
/// # async fn charge(client: reqwest::Client) -> Result<(), reqwest::Error> {
/// let response = client.get("http://payments/").send_traced().await?;
/// println!("{}", response.status());
/// # Ok(())
/// # }
/// ```
pub trait SendTraced: Sized {
    /// Sends the request. The span starts now, is entered while the returned future is polled, and ends when the head of the response
    /// arrives.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`RequestBuilder::send`].
    fn send_traced(self) -> impl Future<Output = reqwest::Result<Response>> + Send;

    /// Like [`send_traced`](Self::send_traced), with the settings of a layer.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`RequestBuilder::send`].
    ///
    /// ```no_run
    /// use tracing_stamp_reqwest::{ClientLayer, SendTraced as _};
    ///
    /// # async fn charge(client: reqwest::Client) -> Result<(), reqwest::Error> {
    /// let layer = ClientLayer::new().with_allowed_hosts(["*.internal"]);
    /// client.get("http://payments.internal/").send_traced_with(&layer).await?;
    /// # Ok(())
    /// # }
    /// ```
    fn send_traced_with(
        self,
        layer: &ClientLayer,
    ) -> impl Future<Output = reqwest::Result<Response>> + Send;
}

impl SendTraced for RequestBuilder {
    fn send_traced(self) -> impl Future<Output = reqwest::Result<Response>> + Send {
        send(self, &ClientLayer::new())
    }

    fn send_traced_with(
        self,
        layer: &ClientLayer,
    ) -> impl Future<Output = reqwest::Result<Response>> + Send {
        send(self, layer)
    }
}

/// Starts the span now, because another span may be current when the future is polled.
fn send(
    request: RequestBuilder,
    layer: &ClientLayer,
) -> impl Future<Output = reqwest::Result<Response>> + Send + use<> {
    let (client, request) = request.build_split();
    let response = request.map(|mut request| {
        let span = span::start(layer, &mut request, 0);
        let response = async move { client.execute(request).await };
        span.instrument(response, Response::status)
    });
    async move { response?.await }
}
