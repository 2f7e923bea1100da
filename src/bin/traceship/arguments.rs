//! What can be asked for.

use clap::Parser;
use std::{net::SocketAddr, path::PathBuf};
use tracing_stamp::{
    Error,
    ship::{Elasticsearch, Loki, Shipper, Target},
};

/// Ships lines from log files to Loki, Elasticsearch or a collector, from where it stopped the last time.
///
/// Credentials come from the environment: LOKI_USERNAME and LOKI_PASSWORD, LOKI_BEARER_TOKEN(_FILE), LOKI_ORG_ID, LOKI_CA_CERT_PATH;
/// ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, ELASTICSEARCH_CA_CERT_PATH.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Where to: `loki=URL`, `elasticsearch=URL/INDEX`, `opensearch=URL/INDEX` or `otlp=URL`.
    #[arg(long, value_name = "SERVER")]
    to: String,

    /// Folders, files, or patterns of files (quoted, or the shell would read them).
    #[arg(required_unless_present = "print_template", value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Ship what is there, and exit: 0 if all was taken, 1 if lines were rejected or files not read.
    #[arg(long)]
    pub(crate) once: bool,

    /// The folder for the cursor and rejected lines; that of the first files by default.
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,

    /// A label for all lines, as in `env=production`; of Loki, can be repeated.
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = pair)]
    labels: Vec<(String, String)>,

    /// A label that has the value of a line's member, as in `route=http.route`; of Loki, can be repeated.
    #[arg(long = "label-of", value_name = "NAME=MEMBER", value_parser = pair)]
    labels_of: Vec<(String, String)>,

    /// Serve Prometheus counters at /metrics, and /health, on this address of the machine itself: `127.0.0.1:9102`.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "once")]
    pub(crate) metrics: Option<SocketAddr>,

    /// How long SIGTERM and SIGINT wait for what is in the files to be delivered, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub(crate) drain_seconds: u64,

    /// Print the index template for Elasticsearch, to be put at /_index_template/NAME.
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
        Ok(Elasticsearch::new("http://localhost:9200", index)?.index_template())
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
            "only Loki has labels: leave out `--label` and `--label-of`, or ship to `loki=URL`"
        );
        Ok(Target::named(&self.to)?.map_loki(label)?)
    }
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once('=')
        .ok_or("it is a name, `=` and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}
