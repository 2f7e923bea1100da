//! Reads a target from a text such as `loki=URL`, and its credentials from variables.

use super::{Elasticsearch, Loki, Otlp, Server};
use crate::error::Error;
use log_files::redacted;

/// Returns the value of a variable, if it is set.
type Lookup<'a> = &'a dyn Fn(&'static str) -> Option<String>;

pub(super) fn parse<T>(text: &str, lookup: Lookup<'_>) -> Result<T, Error>
where
    T: From<Loki> + From<Elasticsearch> + From<Otlp>,
{
    let (kind, url) = match text.trim().split_once('=') {
        Some((kind, url)) => (kind, Some(url.to_owned())),
        None => (text.trim(), None),
    };
    match kind {
        "loki" => {
            let url = url
                .or_else(|| lookup("LOKI_URL"))
                .or_else(|| lookup("LOKI_ADDR"));
            let url = url.ok_or_else(|| {
                Error::invalid_input("`loki` needs an address: write `loki=URL`, or set LOKI_URL")
            })?;
            loki(&url, lookup).map(T::from)
        }
        "elasticsearch" | "opensearch" => {
            let url = url.unwrap_or_default();
            let (url, index) = url.rsplit_once('/').filter(|(url, _)| !url.ends_with('/') && url.contains("://")).ok_or_else(|| {
                Error::invalid_input(format!("`{kind}` needs an address and a data stream or index, as in `{kind}=http://localhost:9200/logs-orders-default`"))
            })?;
            let target = elasticsearch(url, index, lookup)?;
            Ok(T::from(match kind {
                "opensearch" => target.for_opensearch(),
                _ => target,
            }))
        }
        "otlp" => {
            let url = url.ok_or_else(|| {
                Error::invalid_input("`otlp` needs an address, as in `otlp=http://localhost:4318`")
            })?;
            Otlp::new(url.as_str()).map(T::from)
        }
        _ => Err(Error::invalid_input(format!(
            "unknown target `{}`: expected one of `loki=URL`, `elasticsearch=URL/INDEX`, `opensearch=URL/INDEX`, `otlp=URL`",
            redacted(text.trim())
        ))),
    }
}

fn loki(url: &str, lookup: Lookup<'_>) -> Result<Loki, Error> {
    let mut server = Server::new(url)?;
    if let Some(user) = lookup("LOKI_USERNAME") {
        server = server.with_basic(&user, &lookup("LOKI_PASSWORD").unwrap_or_default());
    } else if let Some(path) = lookup("LOKI_BEARER_TOKEN_FILE") {
        server = server.with_bearer_file(path);
    } else if let Some(token) = lookup("LOKI_BEARER_TOKEN") {
        server = server.with_bearer(&token);
    }
    if let Some(path) = lookup("LOKI_CA_CERT_PATH") {
        server = server.with_roots(path);
    }
    match (
        lookup("LOKI_CLIENT_CERT_PATH"),
        lookup("LOKI_CLIENT_KEY_PATH"),
    ) {
        (Some(certificate), Some(key)) => server = server.with_identity(certificate, key),
        (None, None) => {}
        _ => {
            return Err(Error::invalid_input(
                "only one of LOKI_CLIENT_CERT_PATH and LOKI_CLIENT_KEY_PATH is set: set both or neither",
            ));
        }
    }
    let loki = Loki::new(server)?;
    Ok(match lookup("LOKI_ORG_ID") {
        Some(tenant) => loki.with_tenant(tenant),
        None => loki,
    })
}

fn elasticsearch(url: &str, index: &str, lookup: Lookup<'_>) -> Result<Elasticsearch, Error> {
    let mut server = Server::new(url)?;
    if let Some(key) = lookup("ELASTICSEARCH_API_KEY") {
        server = server.with_api_key(&key);
    } else if let Some(user) = lookup("ELASTICSEARCH_USERNAME") {
        server = server.with_basic(&user, &lookup("ELASTICSEARCH_PASSWORD").unwrap_or_default());
    }
    if let Some(path) = lookup("ELASTICSEARCH_CA_CERT_PATH") {
        server = server.with_roots(path);
    }
    Elasticsearch::new(server, index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    #[test]
    fn targets_are_parsed_and_an_error_shows_no_password() {
        let none = |_: &str| None;
        let name = |text: &str| parse::<Target>(text, &none).map(|target| target.name());
        assert_eq!(
            name("loki=http://a:3100/loki/api/v1/push").expect("the target is valid"),
            "loki http://a:3100 tenant \"\""
        );
        assert_eq!(
            name("opensearch=https://a/base/logs").expect("the target is valid"),
            "elasticsearch https://a/base index logs"
        );
        for wrong in [
            "",
            "loki",
            "loki=",
            "elasticsearch=http://a",
            "elasticsearch=http://a/",
            "elastic=http://a/x",
        ] {
            name(wrong).expect_err(wrong);
        }
        for secret in ["http://user:se=cret@loki", "http://user:se=c/ret@loki"] {
            let error = name(secret).expect_err(secret).to_string();
            assert!(!error.contains("user:se"), "{error}");
        }
        let env = |name: &str| match name {
            "LOKI_URL" => Some("http://user:secret@b".to_owned()),
            "LOKI_ORG_ID" => Some("tenant".to_owned()),
            _ => None,
        };
        let target: Target = parse("loki", &env).expect("the environment has the address");
        assert_eq!(target.name(), "loki http://b tenant \"tenant\"");
        assert!(!format!("{target:?}").contains("secret"));
    }
}
