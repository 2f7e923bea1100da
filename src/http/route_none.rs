//! Without the feature `axum` nobody knows a request's route.

use super::peer::Peer;
use http::{Extensions, request::Parts};
use std::net::SocketAddr;

pub(super) fn route(_: &Extensions) -> Option<&str> {
    None
}

pub(super) fn path(parts: &Parts) -> &str {
    parts.uri.path()
}

pub(super) fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<Peer>().map(|peer| peer.0)
}
