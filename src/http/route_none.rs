//! Without the feature `axum` nobody knows a request's route.

use super::peer::Peer;
use http::Extensions;
use std::net::SocketAddr;

pub(super) fn route(_: &Extensions) -> Option<&str> {
    None
}

pub(super) fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<Peer>().map(|peer| peer.0)
}
