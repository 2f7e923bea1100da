//! Blocking HTTP client for servers that collect logs and spans. Its callers are the span exporters of
//! [`tracing-stamp`](https://docs.rs/tracing-stamp) and the log shipper [`traceship`](https://docs.rs/traceship), which run on threads of
//! their own. It does not panic.
//!
//! # Proxies
//!
//! The rules are those of curl. In addition, a loopback address is never proxied, as in Go.
//!
//! | URL | the first of these variables that is set |
//! |---|---|
//! | `https://…` | `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` |
//! | `http://…` | `http_proxy`, `all_proxy`, `ALL_PROXY`; not `HTTP_PROXY`, which a request header sets under CGI |
//!
//! `no_proxy`, or else `NO_PROXY`, excludes servers: see `no_proxy.rs`. An empty variable counts as unset.
//!
//! A proxy is an `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h` URL; without a scheme it is `http`. An HTTP proxy is asked to
//! CONNECT for `http` URLs too. curl sends the absolute form of such a URL instead, which ureq cannot.

mod certificates;
mod client;
mod endpoint;
mod failure_latch;
mod no_proxy;
mod proxy;
mod secrets;

pub use self::{
    certificates::Tls,
    client::{Client, Failure},
    endpoint::{Endpoint, InvalidAddress},
    failure_latch::FailureLatch,
    secrets::Secrets,
};
pub use ureq;
