//! One line per request.

use super::{host::Host, routing::Routing};
use http::{StatusCode, Version, request::Parts};
use std::{net::SocketAddr, time::Instant};

/// What a request's line says, kept until it is answered.
#[derive(Debug)]
pub(super) struct Access {
    start: Instant,
    method: String,
    path: String,
    query: Option<String>,
    route: Option<String>,
    host: Option<Host>,
    version: Option<&'static str>,
    peer: Option<SocketAddr>,
    user_agent: Option<String>,
    pub(super) status: Option<StatusCode>,
    pub(super) rpc_status: Option<&'static str>,
    pub(super) error_type: Option<String>,
}

impl Access {
    pub(super) fn new(
        parts: &Parts,
        routing: &Routing,
        method: &str,
        query: Option<String>,
    ) -> Self {
        Self {
            start: Instant::now(),
            method: method.to_owned(),
            path: routing.path(parts).to_owned(),
            query,
            route: routing.route(parts).map(str::to_owned),
            host: Host::of(&parts.uri, &parts.headers),
            version: version(parts.version),
            peer: routing.peer(parts),
            user_agent: user_agent(parts).map(str::to_owned),
            status: None,
            rpc_status: None,
            error_type: None,
        }
    }

    /// Writes the line, within the request's span.
    pub(super) fn write(&self, body_bytes: u64) {
        let peer = self.peer.map(|peer| peer.ip().to_string());
        tracing::info!(
            target: "tracing_stamp::http::access",
            { http.request.method = self.method,
            url.path = self.path,
            url.query = self.query,
            http.route = self.route,
            http.response.status_code = self.status.map(|status| status.as_u16()),
            http.response.body.size = body_bytes,
            rpc.status_code = self.rpc_status,
            "error.type" = self.error_type.as_deref(),
            http.server.request.duration = self.start.elapsed().as_secs_f64(),
            client.address = peer,
            server.address = self.host.as_ref().map(|host| host.name.as_str()),
            server.port = self.host.as_ref().and_then(|host| host.port),
            network.protocol.version = self.version,
            user_agent.original = self.user_agent },
            "request answered",
        );
    }
}

/// `network.protocol.version`.
pub(super) fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_09 => Some("0.9"),
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}

/// `user_agent.original`.
pub(super) fn user_agent(parts: &Parts) -> Option<&str> {
    parts.headers.get(http::header::USER_AGENT)?.to_str().ok()
}
