//! The OpenTelemetry Collector, as in its example `fault-tolerant-logs-collection`: the receiver's positions and the sending queue are on the
//! disk, and neither gives up. It reads gzip, and an emptied file from its beginning.
//! <https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/filelogreceiver>,
//! <https://github.com/open-telemetry/opentelemetry-collector/blob/main/exporter/exporterhelper/README.md>

use super::{super::log_server::script, Form, SetUp};
use std::{fs, process::Command};

pub(super) fn command(set_up: &SetUp<'_>) -> Command {
    let path = set_up.state.join("collector.yaml");
    fs::write(&path, configuration(set_up)).expect("the configuration is written");
    let mut command = Command::new(script("collector"));
    command.arg("run").arg(path);
    command
}

fn configuration(set_up: &SetUp<'_>) -> String {
    let (logs, state, address) = (
        set_up.logs.display(),
        set_up.state.display(),
        set_up.address(),
    );
    let include: Vec<String> = set_up
        .patterns
        .iter()
        .flat_map(|pattern| {
            [
                format!("\"{logs}/{pattern}\""),
                format!("\"{logs}/{pattern}.gz\""),
            ]
        })
        .collect();
    let include = include.join(", ");
    let operators = match set_up.form {
        Form::Text => "[]",
        Form::Container => "[{type: container, add_metadata_from_filepath: false}]",
        Form::Json => JSON,
    };
    let batch = match set_up.prefers_large_requests {
        true => ", batch: {}",
        false => "",
    };
    format!(
        "
extensions:
  file_storage: {{directory: {state}/storage, create_directory: true}}
receivers:
  file_log:
    include: [{include}]
    start_at: beginning
    storage: file_storage
    compression: auto
    on_truncate: read_whole_file
    retry_on_failure: {{enabled: true, max_elapsed_time: 0}}
    operators: {operators}
exporters:
  otlp_http:
    endpoint: {address}
    retry_on_failure: {{max_elapsed_time: 0}}
    sending_queue: {{storage: file_storage, block_on_overflow: true{batch}}}
service:
  extensions: [file_storage]
  pipelines: {{logs: {{receivers: [file_log], exporters: [otlp_http]}}}}
  telemetry: {{metrics: {{level: none}}}}
"
    )
}

/// Parses what traceship sends in the fields of a record, too.
const JSON: &str = r#"
      - type: json_parser
        timestamp: {parse_from: attributes.timestamp, layout_type: gotime, layout: "2006-01-02T15:04:05.999999Z07:00"}
        severity: {parse_from: attributes.level}
        trace: {trace_id: {parse_from: attributes.trace_id}, span_id: {parse_from: attributes.span_id}}
      - {type: move, from: attributes.message, to: body}"#;
