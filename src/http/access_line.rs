use super::{headers::first_values, host::Host, server::Routed};
use http::{
    HeaderValue, StatusCode, Version,
    header::{HOST, USER_AGENT},
    request::Parts,
};
use std::{net::SocketAddr, time::Instant};

/// The access line of a request. It collects fields until the response ends.
#[derive(Debug)]
pub(super) struct AccessLine {
    start: Instant,
    method: String,
    path: String,
    query: Option<String>,
    route: Option<String>,
    pub(super) host: Option<Host>,
    version: Option<&'static str>,
    peer: Option<SocketAddr>,
    user_agent: Option<String>,
    pub(super) status: Option<StatusCode>,
    pub(super) rpc_status: Option<&'static str>,
    pub(super) error_type: Option<String>,
}

impl AccessLine {
    pub(super) fn new(
        parts: &Parts,
        routed: &Routed<'_>,
        method: &str,
        query: Option<String>,
    ) -> Self {
        let [host, agent] = first_values(&parts.headers, [&HOST, &USER_AGENT]);
        Self {
            start: Instant::now(),
            method: method.to_owned(),
            path: routed.path.to_owned(),
            query,
            route: routed.route.map(str::to_owned),
            host: Host::of(&parts.uri, host),
            version: version(parts.version),
            peer: routed.peer,
            user_agent: user_agent(agent).map(str::to_owned),
            status: None,
            rpc_status: None,
            error_type: None,
        }
    }

    /// Logs the line. Must be called within the request's span, so that the line has its ids.
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
            "request finished",
        );
    }
}

/// Returns the value of `network.protocol.version`.
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

/// Returns the value of `user_agent.original`.
pub(super) fn user_agent(header: Option<&HeaderValue>) -> Option<&str> {
    header?.to_str().ok()
}
