//! Traces the requests of [`reqwest`]: each is sent in a client span of its own, and its headers carry that span's context, so that the
//! lines and spans of the called service belong to the same trace.
//!
//! It is a part of [`tracing_stamp`]. It is a crate of its own so that a new major version of `reqwest` does not break applications that do
//! not use it.
//!
//! | you have | use |
//! |---|---|
//! | single requests | [`SendTraced::send_traced`] in place of `send` |
//! | a client that is built once and used everywhere | `TraceMiddleware` for `reqwest-middleware` (feature `middleware`) |
//! | hosts that must not see your trace headers | [`ClientLayer::with_allowed_hosts`], and [`redirect_policy`] |
//! | another HTTP client that is built on tower | [`ClientLayer`] itself |
//!
//! ```no_run
//! use tracing_stamp_reqwest::SendTraced as _;
//!
//! # async fn charge(client: reqwest::Client) -> Result<(), reqwest::Error> {
//! let response = client.post("http://payments/charges/6900").send_traced().await?;
//! assert!(response.status().is_success());
//! # Ok(())
//! # }
//! ```
//!
//! # Redirects
//!
//! `reqwest` follows redirects and retries inside the client. This crate sees them as one request with one span. The redirected request
//! has the same trace headers, **even if it goes to another host**. [`redirect_policy`] returns a policy that follows redirects only to
//! the hosts that you list. `reqwest::redirect::Policy::none()` turns redirects off.
//!
//! This crate does not panic.

#[cfg(feature = "middleware")]
mod middleware;
mod redirect_policy;
mod send_traced;
mod span;

#[cfg(feature = "middleware")]
pub use self::middleware::TraceMiddleware;
pub use self::{redirect_policy::redirect_policy, send_traced::SendTraced};
pub use tracing_stamp::http::ClientLayer;

/// The pages of the guide that use this crate, compiled as documentation tests.
#[cfg(all(doctest, feature = "middleware"))]
mod guide {
    #[doc = include_str!("../README.md")]
    struct CrateReadme;

    #[doc = include_str!("../../../README.md")]
    struct Readme;

    #[doc = include_str!("../../../docs/http.md")]
    struct Http;
}
