use collector_client::{
    Client, Endpoint, Secrets,
    ureq::{Body, http::Response},
};
use log_files::excerpt;
use serde_json::Value;
use std::{io::Read, time::Duration};

const USER_AGENT: &str = concat!("tracegrep/", env!("CARGO_PKG_VERSION"));
/// The longest time for each phase of a request, even if it makes progress.
const TIMEOUT: Duration = Duration::from_secs(300);
const CONNECT: Duration = Duration::from_secs(10);
/// The longest time without progress. Servers can search for a long time before they respond.
const STALL: Duration = Duration::from_secs(60);

/// Maximum length of a response that is not read line by line.
pub(super) const MAX_RESPONSE_BYTES: u64 = 64 << 20;
/// Maximum length of all lines of a server together.
pub(super) const MAX_LINE_BYTES: usize = 64 << 20;
/// Maximum length of the response to a failed request. Only its beginning is shown.
const MAX_ERROR_BYTES: u64 = 64 << 10;

/// Sends requests to one server.
#[derive(Debug)]
pub(crate) struct Http {
    endpoint: Endpoint,
    client: Client,
}

impl Http {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        let client = Client::new(endpoint.url(), USER_AGENT, TIMEOUT, endpoint.tls().clone());
        Self {
            client: client.with_stall_timeout(CONNECT, STALL),
            endpoint,
        }
    }

    /// The address without secrets.
    pub(crate) fn url(&self) -> &str {
        self.endpoint.url()
    }

    pub(crate) fn get(&self, path: &str) -> Result<Reply, String> {
        let request = self.endpoint.get(path)?;
        let request = request.body(()).map_err(|error| error.to_string())?;
        let response = self.client.send(request);
        self.reply(response)
    }

    pub(crate) fn post(
        &self,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<Reply, String> {
        let request = self.endpoint.post(path)?;
        let request = request.header("content-type", content_type).body(body);
        let request = request.map_err(|error| error.to_string())?;
        let response = self.client.send(request);
        self.reply(response)
    }

    /// Returns a reason that the server gives, shortened and without the credentials that were sent to it.
    pub(crate) fn quoted(&self, reason: &str) -> String {
        quoted(&self.endpoint.secrets(), reason)
    }

    fn reply(&self, response: Result<Response<Body>, String>) -> Result<Reply, String> {
        match response {
            Ok(response) => Ok(Reply {
                response,
                secrets: self.endpoint.secrets(),
            }),
            Err(error) => Err(format!(
                "the request failed{}: {error}",
                self.client.through()
            )),
        }
    }
}

/// A response with its status.
pub(crate) struct Reply {
    response: Response<Body>,
    secrets: Secrets,
}

impl Reply {
    pub(super) fn is_not_found(&self) -> bool {
        self.response.status().as_u16() == 404
    }

    /// Returns the response if it is that to a successful request, and otherwise the reason that the server gives.
    pub(crate) fn success(self) -> Result<Self, String> {
        let status = self.response.status();
        if status.is_success() {
            return Ok(self);
        }
        if status.is_redirection() {
            return Err(format!(
                "responds with HTTP {}, a redirect to another address, which is not followed",
                status.as_u16()
            ));
        }
        let secrets = self.secrets.clone();
        let body = self.bytes_to(MAX_ERROR_BYTES).unwrap_or_default();
        let reason = quoted(&secrets, &reason(&body));
        let colon = if reason.is_empty() { "" } else { ": " };
        Err(format!(
            "responds with HTTP {}{colon}{reason}",
            status.as_u16()
        ))
    }

    /// Reads the response.
    pub(crate) fn bytes(self) -> Result<Vec<u8>, String> {
        self.bytes_to(MAX_RESPONSE_BYTES)
    }

    fn bytes_to(mut self, limit: u64) -> Result<Vec<u8>, String> {
        let body = self.response.body_mut().with_config().limit(limit);
        body.read_to_vec()
            .map_err(|error| format!("the response cannot be read: {error}"))
    }

    /// Returns a reader of the response. It fails after this many bytes.
    pub(super) fn reader(self, limit: u64) -> impl Read {
        self.response
            .into_body()
            .into_with_config()
            .limit(limit)
            .reader()
    }
}

/// The problem of a server with more lines than [`MAX_LINE_BYTES`].
pub(super) fn too_long() -> String {
    format!(
        "has more than {} MiB of lines with the id, and no more are read: choose with --since and --until",
        MAX_LINE_BYTES >> 20
    )
}

/// Returns the reason in the response to a failed request: in JSON where the servers have it, or the text.
fn reason(body: &[u8]) -> String {
    let pointers = [
        "/error/root_cause/0/reason",
        "/error/reason",
        "/error",
        "/errors/0/msg",
        "/message",
    ];
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let found = json.as_ref().and_then(|json| {
        let found = |pointer: &&str| json.pointer(pointer)?.as_str();
        pointers.iter().find_map(found)
    });
    match found {
        Some(reason) => reason.to_owned(),
        None => String::from_utf8_lossy(body).into_owned(),
    }
}

fn quoted(secrets: &Secrets, reason: &str) -> String {
    excerpt(&secrets.hidden_in(reason))
}
