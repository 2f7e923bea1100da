//! Turns the arguments into a shipper. This opens nothing.

use super::{
    arguments::{Action, Arguments},
    redaction,
};
use anyhow::ensure;
use log_files::{KeyNames, OTEL};
use std::time::Duration;
use traceship::{Elasticsearch, Loki, Shipper, Target};

pub(crate) fn shipper(arguments: &Arguments) -> anyhow::Result<Shipper> {
    let mut shipper = Shipper::new(target(arguments)?)
        .with_from_start(arguments.from_start)
        .with_linked_files(arguments.follow_links)
        .with_timeout(arguments.timeout.unwrap_or(Duration::MAX));
    for files in &arguments.files {
        shipper = shipper.with_files(files);
    }
    if let Some(folder) = &arguments.state {
        shipper = shipper.with_state(folder);
    }
    if let Some(name) = &arguments.name {
        shipper = shipper.with_name(name)?;
    }
    if !arguments.keys.is_empty() {
        shipper = shipper.with_key_names(key_names(&arguments.keys)?);
    }
    let (sets, own_keys) = (
        arguments.redact.as_deref(),
        arguments.redact_keys.as_deref(),
    );
    shipper = redaction::add_rules(shipper, sets, own_keys)?;
    let exits = matches!(arguments.action, Action::Once | Action::RetryRejected);
    ensure!(
        exits || arguments.timeout.is_none(),
        "`--timeout` needs `--once` or `--retry-rejected`"
    );
    if !arguments.files.is_empty() {
        shipper.check()?;
    }
    Ok(shipper)
}

/// Returns the index template of the target.
pub(crate) fn template(arguments: &Arguments) -> anyhow::Result<String> {
    let to = arguments.to.trim();
    let kind = to.split_once('=').map_or(to, |(kind, _)| kind);
    let index = to.rsplit_once('/').map_or("logs", |(_, index)| index);
    let target = Elasticsearch::new("http://localhost:9200", index);
    let target = match kind {
        "elasticsearch" => target?,
        "opensearch" => target?.for_opensearch(),
        _ => anyhow::bail!(
            "only Elasticsearch and OpenSearch have index templates: `--print-template` needs `--to elasticsearch=URL/INDEX` or \
             `--to opensearch=URL/INDEX`"
        ),
    };
    Ok(target.index_template())
}

fn target(arguments: &Arguments) -> anyhow::Result<Target> {
    let label = |mut loki: Loki| {
        for (name, value) in &arguments.labels {
            loki = loki.with_label(name, value)?;
        }
        for (name, member) in &arguments.labels_of {
            loki = loki.with_label_of(name, member)?;
        }
        Ok(loki)
    };
    let has_labels = !arguments.labels.is_empty() || !arguments.labels_of.is_empty();
    ensure!(
        !has_labels || arguments.to.trim_start().starts_with("loki"),
        "only Loki has labels: remove `--label` and `--label-of`, or ship to `loki=URL`"
    );
    Ok(Target::named(&arguments.to)?.map_loki(label)?)
}

/// OpenTelemetry's names, some of them replaced.
fn key_names(keys: &[(String, String)]) -> anyhow::Result<KeyNames<&str>> {
    let mut names = OTEL;
    for (name, key) in keys {
        ensure!(!key.is_empty(), "`--key {name}=` needs the name of a key");
        let slot = match name.as_str() {
            "timestamp" => &mut names.timestamp,
            "level" => &mut names.level,
            "message" => &mut names.message,
            "service" => &mut names.service,
            "trace_id" => &mut names.trace_id,
            "span_id" => &mut names.span_id,
            "trace_flags" => &mut names.trace_flags,
            "record_uid" => &mut names.record_uid,
            _ => anyhow::bail!(
                "`--key {name}={key}`: expected one of `timestamp`, `level`, `message`, `service`, `trace_id`, `span_id`, `trace_flags`, \
                 `record_uid`"
            ),
        };
        *slot = key;
    }
    Ok(names)
}
