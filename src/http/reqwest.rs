//! Requests of `reqwest`, each in a span of its own.
//!
//! ```no_run
//! use tracing_stamp::http::reqwest::SendTraced as _;
//!
//! # async fn charge(client: reqwest::Client) -> Result<(), reqwest::Error> {
//! let answer = client.post("http://payments/charges/6900").send_traced().await?;
//! # let _ = answer;
//! # Ok(())
//! # }
//! ```
//!
//! Where a client is built once and used everywhere, the feature `reqwest-middleware` has [`TraceMiddleware`] for it.
//!
//! # Redirects
//!
//! `reqwest` follows redirects, and retries, inside of the client: they are one request here, with one span, and the redirected
//! request has the same headers, **also on another host**. With an allow-list of hosts
//! ([`ClientLayer::with_allowed_hosts`]) that may matter: [`stay_within`] makes a policy that follows redirects to those hosts
//! alone, and `reqwest::redirect::Policy::none()` switches following off.

#[cfg(feature = "reqwest-middleware")]
mod middleware;

#[cfg(feature = "reqwest-middleware")]
pub use self::middleware::TraceMiddleware;
use super::{
    ClientLayer,
    allowed_hosts::AllowedHosts,
    client_span::Outgoing,
    host::Host,
    scope::Scope,
    started::{Facts, Started},
    under_way::UnderWay,
};
use reqwest::{Request, RequestBuilder, Response, redirect::Policy};
use std::future::{Future, poll_fn};

/// Sends a request in a span of its own, by the settings of a [`ClientLayer`].
///
/// ```no_run
/// use tracing_stamp::http::reqwest::SendTraced as _;
///
/// # async fn charge(client: reqwest::Client) -> Result<(), reqwest::Error> {
/// let answer = client.get("http://payments/").send_traced().await?;
/// # let _ = answer;
/// # Ok(())
/// # }
/// ```
pub trait SendTraced: Sized {
    /// Sends the request; the span ends when the head of the answer is there.
    ///
    /// # Errors
    ///
    /// Those of [`RequestBuilder::send`].
    ///
    /// ```no_run
    /// # use tracing_stamp::http::reqwest::SendTraced as _;
    /// # async fn charge(client: reqwest::Client) -> Result<(), reqwest::Error> {
    /// client.get("http://payments/").send_traced().await?;
    /// # Ok(())
    /// # }
    /// ```
    fn send_traced(self) -> impl Future<Output = reqwest::Result<Response>> + Send;

    /// The same with other settings than the default.
    ///
    /// # Errors
    ///
    /// Those of [`RequestBuilder::send`].
    ///
    /// ```no_run
    /// # use tracing_stamp::http::{ClientLayer, reqwest::SendTraced as _};
    /// # async fn charge(client: reqwest::Client) -> Result<(), reqwest::Error> {
    /// let ours = ClientLayer::new().with_allowed_hosts(["*.internal"]);
    /// client.get("http://payments.internal/").send_traced_by(&ours).await?;
    /// # Ok(())
    /// # }
    /// ```
    fn send_traced_by(
        self,
        settings: &ClientLayer,
    ) -> impl Future<Output = reqwest::Result<Response>> + Send;
}

impl SendTraced for RequestBuilder {
    fn send_traced(self) -> impl Future<Output = reqwest::Result<Response>> + Send {
        send(self, &ClientLayer::new())
    }

    fn send_traced_by(
        self,
        settings: &ClientLayer,
    ) -> impl Future<Output = reqwest::Result<Response>> + Send {
        send(self, settings)
    }
}

/// Opens the span now: where the future runs, another may be current.
fn send(
    request: RequestBuilder,
    settings: &ClientLayer,
) -> impl Future<Output = reqwest::Result<Response>> + Send + use<> {
    let (client, request) = request.build_split();
    let under_way = request.map(|mut request| {
        let started = open(settings, &mut request, 0);
        UnderWay::new(async move { client.execute(request).await }, started)
    });
    async move { answered(under_way?).await }
}

/// A policy for [`reqwest::ClientBuilder::redirect`] which follows redirects, at most 10, to these hosts alone, and gives back the answer that
/// redirects elsewhere. Hosts are written as for [`ClientLayer::with_allowed_hosts`].
///
/// ```
/// use tracing_stamp::http::reqwest::stay_within;
///
/// let client = reqwest::Client::builder().redirect(stay_within(["*.internal"])).build()?;
/// # let _ = client;
/// # Ok::<(), reqwest::Error>(())
/// ```
#[must_use]
pub fn stay_within(hosts: impl IntoIterator<Item = impl Into<String>>) -> Policy {
    let hosts = AllowedHosts::new(hosts);
    Policy::custom(move |attempt| {
        if !hosts.contains(attempt.url().host_str()) {
            attempt.stop()
        } else if attempt.previous().len() > 10 {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    })
}

/// Opens the span of a request that was sent `resends` times before.
fn open(settings: &ClientLayer, request: &mut Request, resends: u32) -> Started {
    let url = request.url().clone();
    let method = request.method().clone();
    let outgoing = Outgoing {
        method: &method,
        goes_to: url.host_str(),
        host: url.host_str().map(|name| Host {
            name: name.trim_matches(['[', ']']).to_owned(),
            port: url.port(),
        }),
        scheme: Some(url.scheme()),
        path: url.path(),
        url: url.to_string(),
        resends,
        // Its status would be in trailers, which are not seen here.
        is_grpc: false,
    };
    settings.settings().open(&outgoing, request.headers_mut())
}

/// Waits for an answer within its request's span.
async fn answered<E>(
    under_way: UnderWay<impl Future<Output = Result<Response, E>>>,
) -> Result<Response, E> {
    let mut under_way = std::pin::pin!(under_way);
    let note = |scope: &Scope, facts: &mut Facts, response: &mut Response| {
        facts.note_status(scope, response.status());
    };
    let (result, _ended) = poll_fn(|context| under_way.as_mut().poll_answer(context, note)).await;
    result
}
