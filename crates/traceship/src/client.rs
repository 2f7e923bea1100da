//! Sends requests to a log server.

use super::server::Server;
use collector_client::ureq::http::Request;
use std::time::{Duration, SystemTime};

/// Maximum size of a response body.
const MAX_RESPONSE_BYTES: u64 = 16 << 20;
const USER_AGENT: &str = concat!("traceship/", env!("CARGO_PKG_VERSION"));
const TIMEOUT: Duration = Duration::from_secs(30);

/// A server's response to a request.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

impl Response {
    pub(super) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

#[derive(Debug)]
pub(super) struct Client {
    http: collector_client::Client,
    server: Server,
}

impl Client {
    pub(super) fn new(server: Server) -> Self {
        Self {
            http: collector_client::Client::new(
                &server.url,
                USER_AGENT,
                TIMEOUT,
                server.tls.clone(),
            ),
            server,
        }
    }

    /// Returns the text that follows the server's name in a message: the proxy, if there is one.
    pub(super) fn proxy_suffix(&self) -> String {
        self.http.through()
    }

    pub(super) fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response, String> {
        let mut request = Request::post(format!("{}{path}", self.server.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in &self.server.headers {
            request = request.header(name, value);
        }
        if let Some(value) = self.server.authorization()? {
            request = request.header("authorization", value);
        }
        let request = request.body(body).map_err(|error| error.to_string())?;
        let mut response = self.http.send(request)?;
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok());
        Ok(Response {
            status: response.status().as_u16(),
            retry_after: super::verdict::retry_after(retry_after, SystemTime::now()),
            body: response
                .body_mut()
                .with_config()
                .limit(MAX_RESPONSE_BYTES)
                .read_to_vec()
                .map_err(|error| format!("the response broke off: {error}"))?,
        })
    }
}
