//! The tower layer for servers, and the span of a request that is served.

mod layer;
mod make_span;
mod peer;
mod public_endpoint;
mod routing;
mod service;
mod verbosity;

pub(super) use self::routing::Routed;
pub use self::{layer::ServerLayer, peer::Peer, service::ServerService};
