use super::{
    credentials, http::Http, jaeger::Jaeger, kind::ServerKind, loki::Loki, opensearch::OpenSearch,
    victorialogs::VictoriaLogs,
};
use crate::search::Search;
use collector_client::Endpoint;
use std::{error::Error, fmt, sync::Arc};

/// A server that is searched for the lines or the spans of a trace. Its `Debug` output shows no secrets.
///
/// ```
/// use tracegrep::{Search, Server, ServerKind};
///
/// # fn main() -> Result<(), tracegrep::InvalidServer> {
/// let loki = Server::new(ServerKind::Loki, "http://localhost:3100")?
///     .with_selector(r#"{namespace="shop"}"#)
///     .with_variables(|name| std::env::var(name).ok())?;
/// let jaeger = Server::new(ServerKind::Jaeger, "http://localhost:16686")?;
/// let search = Search::new().with_server(loki).with_server(jaeger);
/// # let _ = search;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    kind: ServerKind,
    endpoint: Endpoint,
    selector: Option<String>,
}

impl Server {
    /// A server at an address, which may have a user and a password. They are sent, and never shown.
    ///
    /// # Errors
    ///
    /// If the address is not an `http://` or `https://` URL with a host, or has a query or a fragment.
    pub fn new(kind: ServerKind, url: &str) -> Result<Self, InvalidServer> {
        let endpoint = Endpoint::new(url).map_err(|error| InvalidServer(error.to_string()))?;
        Ok(Self {
            kind,
            endpoint: endpoint.without_path(kind.path()),
            selector: None,
        })
    }

    /// Reads credentials and certificates from variables, such as those of the environment. `P` is the [prefix](ServerKind::prefix) of the
    /// kind:
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `P_USERNAME`, `P_PASSWORD` | user and password |
    /// | `P_BEARER_TOKEN` | a bearer token |
    /// | `P_API_KEY` | an API key of Elasticsearch, in base64 |
    /// | `P_PASSWORD_FILE`, `P_BEARER_TOKEN_FILE`, `P_API_KEY_FILE` | a file that has the value |
    /// | `P_ORG_ID` | the tenant, as `X-Scope-OrgID` |
    /// | `P_CA_CERT_PATH` | a PEM file with the certificates to trust |
    /// | `P_CLIENT_CERT_PATH`, `P_CLIENT_KEY_PATH` | PEM files with the client's certificates and its private key |
    ///
    /// A user and a password in the address take precedence over the variables. Only one of API key, user and bearer token can be set, and a
    /// file takes precedence over a value.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or is empty, if a password is set without a user, if more than one of API key, user and token is set, or if
    /// only one of client certificate and key is set.
    pub fn with_variables(
        mut self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, InvalidServer> {
        let with = credentials::with_variables(self.endpoint, self.kind.prefix(), &variable);
        self.endpoint = with.map_err(InvalidServer)?;
        Ok(self)
    }

    /// Sets which of Loki's streams are searched: a stream selector such as `{namespace="shop"}`, which may have a pipeline. The default is
    /// `{service_name=~".+"}`, which is every stream that has the label that Loki itself adds. Other servers ignore it.
    #[must_use]
    pub fn with_selector(mut self, selector: impl Into<String>) -> Self {
        self.selector = Some(selector.into());
        self
    }
}

impl Search {
    /// Adds a server. If it fails, the others are searched nevertheless, and the failure is one of the [problems](crate::Found::problems).
    pub fn with_server(self, server: Server) -> Self {
        let http = Http::new(server.endpoint);
        match server.kind {
            ServerKind::OpenSearch => self.with_line_server(Arc::new(OpenSearch::new(http))),
            ServerKind::VictoriaLogs => self.with_line_server(Arc::new(VictoriaLogs::new(http))),
            ServerKind::Loki => self.with_line_server(Arc::new(Loki::new(http, server.selector))),
            ServerKind::Jaeger => self.with_span_server(Arc::new(Jaeger::new(http))),
        }
    }
}

/// Returned for an invalid address, and for credentials that cannot be read. Its message shows no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidServer(pub(crate) String);

impl fmt::Display for InvalidServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for InvalidServer {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_end_with_the_path_of_the_api() {
        for (kind, url) in [
            (ServerKind::Loki, "http://a:3100/loki/api/v1/push"),
            (
                ServerKind::VictoriaLogs,
                "http://a:3100/select/logsql/query",
            ),
            (ServerKind::Jaeger, "http://a:3100/api/traces/"),
            (ServerKind::OpenSearch, "http://a:3100/_search"),
        ] {
            let server = Server::new(kind, url).expect("a valid address");
            assert_eq!(server.endpoint.url(), "http://a:3100");
        }
    }

    #[test]
    fn neither_debug_output_nor_an_error_shows_a_password() {
        let server = Server::new(ServerKind::Loki, "https://user:secret@loki").expect("valid");
        assert!(!format!("{server:?}").contains("secret"));
        for wrong in [
            "ftp://user:secret@loki",
            "user:secret@loki",
            "http://user:secret@loki?x",
        ] {
            let error = Server::new(ServerKind::Loki, wrong).expect_err(wrong);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
