use super::otlp;
use crate::{
    search::Problem,
    server::{Http, InvalidServer, with_variables},
    tree::Tree,
};
use collector_client::Endpoint;
use serde_json::Value;
use std::path::Path;

/// The beginning of the names of the variables with credentials.
const PREFIX: &str = "OTLP";
const PATH: &str = "/v1/traces";

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
    /// If a file cannot be read, or if only one of client certificate and key is set.
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
        match rejected(&bytes) {
            None => Ok(()),
            Some(reason) => Err(problem(reason)),
        }
    }
}

/// Returns the reason if the server has rejected some spans.
fn rejected(response: &[u8]) -> Option<String> {
    let response: Value = serde_json::from_slice(response).ok()?;
    let partial = &response["partialSuccess"];
    let count = &partial["rejectedSpans"];
    // A 64-bit integer, which JSON can have as a text.
    let number = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    let number = number.filter(|number| *number > 0)?;
    let reason = partial["errorMessage"]
        .as_str()
        .unwrap_or("no reason is given");
    Some(format!(
        "rejected {number} spans: {}",
        log_files::excerpt(reason)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_that_rejects_spans_is_a_problem() {
        let reason = rejected(br#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}}"#);
        assert_eq!(reason.as_deref(), Some("rejected 2 spans: old"));
        for accepted in [
            "",
            "{}",
            r#"{"partialSuccess":{}}"#,
            r#"{"partialSuccess":{"rejectedSpans":0}}"#,
        ] {
            assert_eq!(rejected(accepted.as_bytes()), None, "{accepted}");
        }
    }
}
