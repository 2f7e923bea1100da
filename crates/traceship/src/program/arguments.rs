//! The command line.

use clap::Parser;
use std::{net::SocketAddr, path::PathBuf};
use traceship::{Elasticsearch, Error, Loki, Shipper, Target};

/// What `--help` prints after the options.
const ENVIRONMENT: &str = "\
Environment variables:
  Loki:
    LOKI_URL                       Address, if SERVER is `loki` alone
    LOKI_ADDR                      The same, if LOKI_URL is not set
    LOKI_USERNAME                  User
    LOKI_PASSWORD                  Password of the user
    LOKI_BEARER_TOKEN_FILE         File with a bearer token, if LOKI_USERNAME is not set. It is read again for each request
    LOKI_BEARER_TOKEN              Bearer token, if neither LOKI_USERNAME nor LOKI_BEARER_TOKEN_FILE is set
    LOKI_ORG_ID                    Tenant (X-Scope-OrgID)
    LOKI_CA_CERT_PATH              PEM file with the certificates to trust
    LOKI_CLIENT_CERT_PATH          PEM file with the client's certificates, together with LOKI_CLIENT_KEY_PATH
    LOKI_CLIENT_KEY_PATH           PEM file with the client's private key
  Elasticsearch and OpenSearch:
    ELASTICSEARCH_API_KEY          API key
    ELASTICSEARCH_USERNAME         User, if ELASTICSEARCH_API_KEY is not set
    ELASTICSEARCH_PASSWORD         Password of the user
    ELASTICSEARCH_CA_CERT_PATH     PEM file with the certificates to trust
  All servers:
    https_proxy, HTTPS_PROXY       Proxy for an https address
    http_proxy                     Proxy for an http address
    all_proxy, ALL_PROXY           Proxy, if none of these applies
    no_proxy, NO_PROXY             Hosts that are reached without a proxy. Loopback addresses always are

A user and a password can also be part of the URL.";

/// Ships lines from log files to Loki, Elasticsearch, OpenSearch or an OpenTelemetry collector.
///
/// It follows the files until SIGTERM or SIGINT, and resumes where it stopped the last time.
#[derive(Debug, Parser)]
#[command(version, after_long_help = ENVIRONMENT)]
pub(crate) struct Arguments {
    /// Server to ship to: `loki=URL`, `elasticsearch=URL/INDEX`, `opensearch=URL/INDEX` or `otlp=URL`.
    #[arg(long, value_name = "SERVER")]
    to: String,

    /// Folders, files or glob patterns. A file includes its rotated versions. Quote a pattern, so that new files are found too.
    #[arg(required_unless_present = "print_template", value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Ship the files' present contents and exit: with 0 if all lines were delivered, with 1 if lines were rejected or not shipped.
    #[arg(long)]
    pub(crate) once: bool,

    /// Folder for the cursor and for rejected lines [default: the folder of the first FILES].
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,

    /// Label for all lines, such as `env=production`. For Loki only; can be repeated.
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = pair)]
    labels: Vec<(String, String)>,

    /// Label with the value of a line's member, such as `route=http.route`. For Loki only; can be repeated.
    #[arg(long = "label-of", value_name = "NAME=MEMBER", value_parser = pair)]
    labels_of: Vec<(String, String)>,

    /// Loopback address, such as `127.0.0.1:9102`, to serve Prometheus metrics at /metrics and a health check at /health [default: none].
    #[arg(long, value_name = "ADDRESS", conflicts_with = "once")]
    pub(crate) metrics: Option<SocketAddr>,

    /// Maximum time in seconds to deliver the rest after SIGTERM or SIGINT.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub(crate) drain_seconds: u64,

    /// Print the index template for Elasticsearch or OpenSearch, as `--to` says, and exit. Send it by PUT to /_index_template/NAME.
    #[arg(long)]
    pub(crate) print_template: bool,
}

impl Arguments {
    pub(crate) fn shipper(&self) -> anyhow::Result<Shipper> {
        let mut shipper = Shipper::new(self.target()?);
        for files in &self.files {
            shipper = shipper.with_files(files);
        }
        if let Some(folder) = &self.state {
            shipper = shipper.with_state(folder);
        }
        Ok(shipper)
    }

    pub(crate) fn template(&self) -> Result<String, Error> {
        let index = self.to.rsplit_once('/').map_or("logs", |(_, index)| index);
        let target = Elasticsearch::new("http://localhost:9200", index)?;
        let target = match self.to.trim_start().starts_with("opensearch") {
            true => target.for_opensearch(),
            false => target,
        };
        Ok(target.index_template())
    }

    fn target(&self) -> anyhow::Result<Target> {
        let label = |mut loki: Loki| {
            for (name, value) in &self.labels {
                loki = loki.with_label(name, value)?;
            }
            for (name, member) in &self.labels_of {
                loki = loki.with_label_of(name, member)?;
            }
            Ok(loki)
        };
        let has_labels = !self.labels.is_empty() || !self.labels_of.is_empty();
        anyhow::ensure!(
            !has_labels || self.to.trim_start().starts_with("loki"),
            "only Loki has labels: remove `--label` and `--label-of`, or ship to `loki=URL`"
        );
        Ok(Target::named(&self.to)?.map_loki(label)?)
    }
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once('=')
        .ok_or("expected a name, `=` and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}
