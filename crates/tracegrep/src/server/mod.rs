//! Servers that store lines or spans. Each file has the requests to one of them.
//!
//! No response is read without a limit of its length, and no redirect is followed, so that credentials reach only the address that the user
//! has given.

mod credentials;
mod filebeat;
mod http;
mod jaeger;
mod kind;
mod loki;
mod matching;
mod opensearch;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod server;
mod shipped;
mod stored;
#[cfg(test)]
mod test_server;
mod victorialogs;

pub(crate) use self::{credentials::with_variables, http::Http};
pub use self::{
    kind::ServerKind,
    server::{InvalidServer, Server},
};
