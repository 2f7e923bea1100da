use super::otlp;
use crate::{
    search::Problem,
    server::{Http, InvalidServer, with_variables},
    tree::Tree,
};
use collector_client::Endpoint;
use serde_json::{Map, Value};
use std::path::Path;

/// The beginning of the names of the variables with credentials.
const PREFIX: &str = "OTLP";
const PATH: &str = "/v1/traces";

/// The names of the member in JSON, as encoders of protocol buffers write it.
const PARTIAL_SUCCESS: [&str; 2] = ["partialSuccess", "partial_success"];

/// A server that receives spans by OpenTelemetry's protocol over HTTP: a collector, or a tracing backend such as Jaeger. Its `Debug` output
/// shows no secrets.
#[derive(Clone, Debug)]
pub struct Collector(Endpoint);

impl Collector {
    /// A server at an address such as `http://localhost:4318`. A user and a password in it are sent, and never shown.
    ///
    /// # Errors
    ///
    /// If the address is not an `http://` or `https://` URL with a host, or has a query or a fragment.
    pub fn new(url: &str) -> Result<Self, InvalidServer> {
        let endpoint = Endpoint::new(url).map_err(|error| InvalidServer(error.to_string()))?;
        Ok(Self(endpoint.without_path(PATH)))
    }

    /// Reads credentials and certificates from variables, as [`Server::with_variables`](crate::Server::with_variables) does. Their names
    /// begin with `OTLP_`.
    ///
    /// # Errors
    ///
    /// As for [`Server::with_variables`](crate::Server::with_variables).
    pub fn with_variables(
        self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, InvalidServer> {
        let with = with_variables(self.0, PREFIX, &variable);
        with.map(Self).map_err(InvalidServer)
    }

    /// Sends the spans of a tree.
    ///
    /// # Errors
    ///
    /// If the server does not accept all of them.
    pub fn send(self, tree: &Tree<'_>) -> Result<(), Problem> {
        let http = Http::new(self.0);
        let problem = |reason: String| Problem::new(Path::new(http.url()), reason);
        let reply = http.post(PATH, "application/json", otlp(tree).as_bytes());
        let bytes = reply
            .and_then(|reply| reply.success()?.bytes())
            .map_err(problem)?;
        accepted(&bytes).map_err(|reason| problem(http.quoted(&reason)))
    }
}

/// Returns an error if the response is not that of a receiver of OTLP, or if the server has rejected some spans.
///
/// The specification demands an `ExportTraceServiceResponse` in the encoding of the request. Its only member is `partialSuccess`. Some
/// receivers send an empty body, which is that message in the encoding of protocol buffers.
fn accepted(response: &[u8]) -> Result<(), String> {
    if response.trim_ascii().is_empty() {
        return Ok(());
    }
    let response: Option<Map<String, Value>> = serde_json::from_slice(response).ok();
    let is_member = |name: &String| PARTIAL_SUCCESS.contains(&&**name);
    let response = response
        .filter(|response| response.keys().all(is_member))
        .ok_or("does not respond as an OTLP receiver does")?;
    let mut partial = response.values();
    partial.find_map(rejected).map_or(Ok(()), Err)
}

/// Returns the reason if the server has rejected some spans.
fn rejected(partial: &Value) -> Option<String> {
    let count = &partial["rejectedSpans"];
    // A 64-bit integer, which JSON can have as a text.
    let number = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    let number = number.filter(|number| *number > 0)?;
    let reason = partial["errorMessage"]
        .as_str()
        .unwrap_or("no reason is given");
    Some(format!("rejected {number} spans: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_that_rejects_spans_is_a_problem() {
        let response = br#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}}"#;
        assert_eq!(accepted(response), Err("rejected 2 spans: old".to_owned()));
        for response in [
            "",
            "{}",
            r#"{"partialSuccess":{}}"#,
            r#"{"partialSuccess":null}"#,
            r#"{"partialSuccess":{"rejectedSpans":0}}"#,
        ] {
            assert_eq!(accepted(response.as_bytes()), Ok(()), "{response}");
        }
    }

    #[test]
    fn a_response_of_another_kind_of_server_is_a_problem() {
        for response in [
            "<html>welcome</html>",
            "ok",
            "[]",
            "{",
            r#"{"status":"success"}"#,
        ] {
            let reason = accepted(response.as_bytes()).expect_err(response);
            assert_eq!(reason, "does not respond as an OTLP receiver does");
        }
    }
}
