//! What axum knows of a request.

use super::peer::Peer;
use axum::extract::{ConnectInfo, MatchedPath, OriginalUri};
use http::{Extensions, request::Parts};
use std::net::SocketAddr;

/// The path that was matched: `/orders/{order}`.
pub(super) fn route(extensions: &Extensions) -> Option<&str> {
    extensions.get::<MatchedPath>().map(MatchedPath::as_str)
}

/// The path that was asked for, also within nested routes, which are shown the rest of it.
pub(super) fn path(parts: &Parts) -> &str {
    let original = parts.extensions.get::<OriginalUri>();
    original.map_or_else(|| parts.uri.path(), |original| original.0.path())
}

pub(super) fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    let said = extensions.get::<Peer>().map(|peer| peer.0);
    said.or_else(|| {
        extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0)
    })
}
