//! Sends requests to a log server.

use super::{
    backoff::in_tests_shorter,
    refusals::Table,
    server::Server,
    verdict::{Verdict, retry_after},
};
use collector_client::ureq::http::Request;
use std::time::{Duration, SystemTime};

/// Maximum size of a response body.
const MAX_RESPONSE_BYTES: u64 = 16 << 20;
const USER_AGENT: &str = concat!("traceship/", env!("CARGO_PKG_VERSION"));
/// Maximum time of each phase of a request, such as sending its body, even if it makes progress.
const TIMEOUT: Duration = Duration::from_secs(600);
/// Maximum time without progress. A request that is sent slowly takes longer.
const STALL: Duration = in_tests_shorter(Duration::from_secs(30));
const CONNECT: Duration = Duration::from_secs(15);

/// A server's response to a request.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// Returns the meaning of the status. The message of a refusal is looked up in a target's table.
    pub(super) fn verdict(&self, words: Table) -> Verdict {
        Verdict::from_status(self.status, self.retry_after, &self.text(), words)
    }

    /// Returns the verdict for a body that the target's server would not send with this status.
    pub(super) fn foreign_verdict(&self, words: Table) -> Verdict {
        Verdict::foreign_response(self.status, &self.text(), words)
    }

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
                server.url(),
                USER_AGENT,
                TIMEOUT,
                server.0.tls().clone(),
            )
            .with_stall_timeout(CONNECT, STALL),
            server,
        }
    }

    /// Returns the text that follows the server's name in a message: the proxy, if there is one.
    pub(super) fn proxy_suffix(&self) -> String {
        self.http.through()
    }

    /// Sends a request. Without a response, returns the verdict for that.
    pub(super) fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response, Verdict> {
        let request = self
            .request(path, headers, body)
            .map_err(Verdict::no_response)?;
        let mut response = self.http.try_send(request).map_err(no_response)?;
        let header = |name| {
            let value = response.headers().get(name);
            value.and_then(|value| value.to_str().ok())
        };
        let after = retry_after(header("retry-after"), SystemTime::now());
        let content_type = header("content-type").unwrap_or_default().to_owned();
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(MAX_RESPONSE_BYTES)
            .read_to_vec()
            .map_err(|error| Verdict::no_response(format!("the response broke off: {error}")))?;
        Ok(Response {
            status,
            retry_after: after,
            content_type,
            body,
        })
    }

    fn request<'b>(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &'b [u8],
    ) -> Result<Request<&'b [u8]>, String> {
        let mut request = self.server.0.post(path)?;
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body).map_err(|error| error.to_string())
    }
}

fn no_response(failure: collector_client::Failure) -> Verdict {
    match failure.is_slow {
        true => Verdict::TimedOut {
            why: failure.message,
        },
        false => Verdict::no_response(failure.message),
    }
}
