//! The environment variables that a target is read from.

/// An environment variable that [`Target::named`](crate::Target::named) or its requests read. An empty variable counts as not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variable {
    /// The name.
    pub name: &'static str,
    /// The servers for which it is read: `Loki`, `Elasticsearch and OpenSearch`, or `All servers`.
    pub servers: &'static str,
    /// What it sets.
    pub meaning: &'static str,
}

const LOKI: &str = "Loki";
const ELASTICSEARCH: &str = "Elasticsearch and OpenSearch";
const ALL: &str = "All servers";

/// The environment variables for credentials, certificates and proxies. The documentation and `traceship --help` show the same ones.
///
/// ```
/// let names: Vec<&str> = traceship::VARIABLES.iter().map(|variable| variable.name).collect();
/// assert!(names.contains(&"LOKI_BEARER_TOKEN_FILE"));
/// ```
pub const VARIABLES: &[Variable] = &[
    of(LOKI, "LOKI_URL", "Address, if the target is `loki` alone"),
    of(LOKI, "LOKI_ADDR", "The same, if LOKI_URL is not set"),
    of(LOKI, "LOKI_USERNAME", "User"),
    of(LOKI, "LOKI_PASSWORD", "Password of the user"),
    of(
        LOKI,
        "LOKI_BEARER_TOKEN_FILE",
        "File with a bearer token, if LOKI_USERNAME is not set. It is read for each request",
    ),
    of(
        LOKI,
        "LOKI_BEARER_TOKEN",
        "Bearer token, if neither LOKI_USERNAME nor LOKI_BEARER_TOKEN_FILE is set",
    ),
    of(LOKI, "LOKI_ORG_ID", "Tenant (X-Scope-OrgID)"),
    of(
        LOKI,
        "LOKI_CA_CERT_PATH",
        "PEM file with the certificates to trust",
    ),
    of(
        LOKI,
        "LOKI_CLIENT_CERT_PATH",
        "PEM file with the client's certificates, together with LOKI_CLIENT_KEY_PATH",
    ),
    of(
        LOKI,
        "LOKI_CLIENT_KEY_PATH",
        "PEM file with the client's private key",
    ),
    of(ELASTICSEARCH, "ELASTICSEARCH_API_KEY", "API key, in base64"),
    of(
        ELASTICSEARCH,
        "ELASTICSEARCH_USERNAME",
        "User, if ELASTICSEARCH_API_KEY is not set",
    ),
    of(
        ELASTICSEARCH,
        "ELASTICSEARCH_PASSWORD",
        "Password of the user",
    ),
    of(
        ELASTICSEARCH,
        "ELASTICSEARCH_CA_CERT_PATH",
        "PEM file with the certificates to trust",
    ),
    of(ALL, "https_proxy", "Proxy for an https address"),
    of(ALL, "HTTPS_PROXY", "The same, if https_proxy is not set"),
    of(ALL, "http_proxy", "Proxy for an http address"),
    of(ALL, "all_proxy", "Proxy, if none of these applies"),
    of(ALL, "ALL_PROXY", "The same, if all_proxy is not set"),
    of(
        ALL,
        "no_proxy",
        "Hosts that are reached without a proxy, as loopback addresses always are",
    ),
    of(ALL, "NO_PROXY", "The same, if no_proxy is not set"),
];

const fn of(servers: &'static str, name: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        servers,
        meaning,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Target, parse_target};
    use std::{cell::RefCell, collections::BTreeSet};

    #[test]
    fn the_table_has_exactly_the_variables_that_a_target_reads() {
        let read = RefCell::new(BTreeSet::new());
        for target in [
            "loki",
            "elasticsearch=http://a/b",
            "opensearch=http://a/b",
            "otlp=http://a",
        ] {
            // Each of these variables decides whether others are read.
            for set in [
                "",
                "LOKI_URL",
                "LOKI_ADDR",
                "LOKI_USERNAME",
                "LOKI_BEARER_TOKEN_FILE",
                "ELASTICSEARCH_USERNAME",
            ] {
                let _ = parse_target::parse::<Target>(target, &|name| {
                    read.borrow_mut().insert(name);
                    let value = match name {
                        "LOKI_URL" => "http://a",
                        _ => "a",
                    };
                    (name == set || (name == "LOKI_URL" && set != "LOKI_ADDR"))
                        .then(|| value.to_owned())
                });
            }
        }
        let listed = VARIABLES.iter().filter(|variable| variable.servers != ALL);
        let listed: BTreeSet<&str> = listed.map(|variable| variable.name).collect();
        assert_eq!(*read.borrow(), listed);
    }

    #[test]
    fn the_documentation_of_targets_has_the_same_variables() {
        let text = include_str!("target.rs");
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let is_variable = |word: &&str| {
            word.starts_with("LOKI_")
                || word.starts_with("ELASTICSEARCH_")
                || word.to_ascii_lowercase().ends_with("_proxy")
        };
        let shown: BTreeSet<&str> = words.filter(is_variable).collect();
        let listed: BTreeSet<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
        assert_eq!(shown, listed);
    }
}
