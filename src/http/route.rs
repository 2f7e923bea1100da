//! What axum knows of a request.

use super::peer::Peer;
use axum::extract::{ConnectInfo, MatchedPath};
use http::Extensions;
use std::net::SocketAddr;

/// The path that was matched: `/orders/{order}`.
pub(super) fn route(extensions: &Extensions) -> Option<&str> {
    extensions.get::<MatchedPath>().map(MatchedPath::as_str)
}

pub(super) fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    let said = extensions.get::<Peer>().map(|peer| peer.0);
    said.or_else(|| {
        extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0)
    })
}
