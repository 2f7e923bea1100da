//! HTTP from this process to servers for spans and lines: one client, one set of rules for proxies, one form of messages.
//!
//! # Proxies
//!
//! The rules are curl's, and as in Go a loopback address is never proxied:
//!
//! | URL | variables, the first that is set |
//! |---|---|
//! | `https://…` | `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` |
//! | `http://…` | `http_proxy`, `all_proxy`, `ALL_PROXY`; not `HTTP_PROXY`, which a request's header sets in CGI |
//!
//! `no_proxy`, or else `NO_PROXY`, excludes servers: see `no_proxy.rs`. An empty variable is as good as none.
//!
//! A proxy is an `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h` URL; without a scheme it is `http`. Through an HTTP proxy both
//! kinds of URL go by CONNECT: ureq cannot send the absolute form of an `http` URL, which curl uses.

mod certificates;
mod client;
mod no_proxy;
mod proxy;

pub(crate) use self::{certificates::Tls, client::Client};
