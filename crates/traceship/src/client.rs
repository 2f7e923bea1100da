//! Sends requests to a log server.

use super::{
    backoff::in_tests_shorter,
    refusals::Table,
    server::Server,
    verdict::{Verdict, retry_after},
};
use collector_client::{Secrets, ureq::http::Request};
use serde_json::Value;
use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

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
    pub(super) secrets: Secrets,
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

    /// The body without the credentials that were sent, because messages quote it. JSON with a successful status is parsed too: in it, they
    /// are hidden only in texts, so that a password such as `400` changes no number.
    pub(super) fn text(&self) -> Cow<'_, str> {
        let text = String::from_utf8_lossy(&self.body);
        let Cow::Owned(hidden) = self.secrets.hidden_in(&text) else {
            return text;
        };
        let is_success = (200..300).contains(&self.status);
        match serde_json::from_str(&text) {
            Ok(mut json) if is_success => {
                self.hide_in(&mut json);
                json.to_string().into()
            }
            _ => hidden.into(),
        }
    }

    fn hide_in(&self, json: &mut Value) {
        match json {
            Value::String(text) => *text = self.secrets.hidden_in(text).into_owned(),
            Value::Array(values) => values.iter_mut().for_each(|value| self.hide_in(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.hide_in(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
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
            secrets: self.server.0.secrets(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        refusals::{ELASTICSEARCH, LOKI},
        test_server::{Response as Sent, TestServer},
    };

    fn response(status: u16, body: &str) -> Response {
        let body = body.to_owned();
        let server = TestServer::start(move |_| Sent::new(status, &body));
        let address = server.url().replace("http://", "http://bob:400@");
        let client = Client::new(Server::new(&address).expect("a valid address"));
        let body = snap::raw::Encoder::new().compress_vec(b"a line");
        match client.post("/", &[], &body.expect("compressed")) {
            Ok(response) => response,
            Err(_) => panic!("a response"),
        }
    }

    #[test]
    fn credentials_that_a_server_repeats_are_in_no_message() {
        for status in [200, 401, 503] {
            let response = response(status, "bad Basic Ym9iOjQwMA== of bob:400");
            let verdicts = [response.verdict(LOKI), response.foreign_verdict(LOKI)];
            for shown in verdicts.map(|verdict| format!("{verdict:?}")) {
                assert!(
                    !shown.contains("Ym9iOjQw") && !shown.contains(":400"),
                    "{shown}"
                );
            }
        }
    }

    #[test]
    fn a_password_changes_no_number_of_a_response_that_is_parsed() {
        let response = response(200, r#"{"items":[{"status":400,"error":"no bob:400"}]}"#);
        let verdict = response.verdict(ELASTICSEARCH);
        assert!(matches!(verdict, Verdict::Accepted));
        let parsed: Value = serde_json::from_str(&response.text()).expect("JSON");
        let item = serde_json::json!({"status": 400, "error": "no …"});
        assert_eq!(parsed["items"][0], item);
    }
}
