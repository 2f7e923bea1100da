//! The options that name servers.

use clap::{Arg, ArgAction, ArgMatches};
use tracegrep::ServerKind;

/// The name, the kind and the help of each option.
const SERVERS: [(&str, ServerKind, &str); 4] = [
    (
        "opensearch",
        ServerKind::OpenSearch,
        "Search OpenSearch or Elasticsearch at this URL, which can end with the name or the pattern of an index: http://localhost:9200/logs-*. Can be repeated",
    ),
    (
        "victorialogs",
        ServerKind::VictoriaLogs,
        "Search VictoriaLogs at this URL: http://localhost:9428. Can be repeated",
    ),
    (
        "loki",
        ServerKind::Loki,
        "Search Loki at this URL: http://localhost:3100. Without --since, the last 30 days are searched. Can be repeated",
    ),
    (
        "jaeger",
        ServerKind::Jaeger,
        "Complete the tree with the spans that Jaeger has at this URL: http://localhost:16686. Can be repeated",
    ),
];

const LOKI_SELECTOR: &str = "loki-selector";

/// All options about servers.
pub(crate) const SERVER_OPTIONS: [&str; 5] = [
    "opensearch",
    "victorialogs",
    "loki",
    "jaeger",
    LOKI_SELECTOR,
];

pub(crate) fn definitions() -> Vec<Arg> {
    let server = |(name, kind, help)| {
        let argument = Arg::new(name).long(name).value_name("URL").help(help);
        let argument = argument.action(ArgAction::Append);
        match kind {
            ServerKind::OpenSearch => argument.visible_alias("elasticsearch"),
            _ => argument,
        }
    };
    let selector = Arg::new(LOKI_SELECTOR)
        .long(LOKI_SELECTOR)
        .value_name("SELECTOR")
        .requires("loki")
        .help("Search only these streams of Loki [default: {service_name=~\".+\"}]");
    SERVERS.into_iter().map(server).chain([selector]).collect()
}

/// Returns the servers with their addresses, which may have passwords.
pub(crate) fn servers(matches: &ArgMatches) -> Vec<(ServerKind, String)> {
    let of_kind = |(name, kind, _)| {
        let urls = matches.get_many::<String>(name).into_iter().flatten();
        urls.map(move |url| (kind, url.clone()))
    };
    SERVERS.into_iter().flat_map(of_kind).collect()
}

pub(crate) fn loki_selector(matches: &ArgMatches) -> Option<String> {
    matches.get_one(LOKI_SELECTOR).cloned()
}
