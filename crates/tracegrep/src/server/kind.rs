/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerKind {
    /// OpenSearch or Elasticsearch, which store lines. The address can end with the name or the pattern of an index:
    /// `http://localhost:9200/logs-*`.
    OpenSearch,
    /// VictoriaLogs, which stores lines.
    VictoriaLogs,
    /// Loki, which stores lines.
    Loki,
    /// Jaeger, which stores spans. Any server works that has the API of Jaeger's query service.
    Jaeger,
}

impl ServerKind {
    /// The beginning of the names of the [variables](super::Server::with_variables) for this kind.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            // As traceship and the clients of both products name it.
            Self::OpenSearch => "ELASTICSEARCH",
            Self::VictoriaLogs => "VICTORIALOGS",
            Self::Loki => "LOKI",
            Self::Jaeger => "JAEGER",
        }
    }

    /// The path of the API, which users may write at the end of the address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::OpenSearch => "/_search",
            Self::VictoriaLogs => "/select/logsql/query",
            Self::Loki => "/loki/api/v1/push",
            Self::Jaeger => "/api/traces",
        }
    }
}
