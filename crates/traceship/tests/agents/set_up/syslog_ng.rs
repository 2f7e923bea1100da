//! syslog-ng, with the recipes in `examples/agents`: its queue is on the disk, and while it is full, nothing is read.
//! <https://syslog-ng.github.io/admin-guide/060_Sources/200_wildcard-file/README>

use super::{super::log_server::script, Form, Protocol, SetUp};
use std::{fs, process::Command};

const BULK: &str = include_str!("../../../../../examples/agents/syslog-ng-elasticsearch.conf");
const LOKI: &str = include_str!("../../../../../examples/agents/syslog-ng-loki.conf");

pub(super) fn command(set_up: &SetUp<'_>) -> Command {
    let path = set_up.state.join("syslog-ng.conf");
    fs::write(path, configuration(set_up)).expect("the configuration is written");
    let mut command = Command::new(script("syslog-ng"));
    command.arg("run").arg(set_up.state);
    command
}

fn configuration(set_up: &SetUp<'_>) -> String {
    let recipe = match set_up.protocol {
        Protocol::Loki => LOKI,
        Protocol::Bulk | Protocol::Otlp => BULK,
    };
    let (before, rest) = recipe
        .split_once("wildcard-file(")
        .expect("the recipe has a source");
    let (source, after) = rest.split_once("    );\n").expect("the source ends");
    // By default there are at most 100 files. The window is shared by the files, and each needs log-fetch-limit() messages of it (100).
    let files = set_up.files.max(1_000);
    let window = files * 100;
    let sources: String = set_up
        .patterns
        .iter()
        .map(|pattern| {
            let pattern =
                format!("filename-pattern(\"{pattern}\") max-files({files}) log-iw-size({window})");
            let source = source.replace("filename-pattern(\"*.jsonl\")", &pattern);
            format!("wildcard-file({source}    );\n")
        })
        .collect();
    let recipe = format!("{before}{sources}{after}")
        // By default it waits a minute after the server has failed.
        .replace(
            "@version: 3.38",
            "@version: 3.38\noptions { time-reopen(5); };",
        )
        .replace("/var/log/orders", &set_up.logs.display().to_string())
        .replace("/var/lib/syslog-ng", &set_up.state.display().to_string())
        .replace("http://localhost:9200", &set_up.address())
        .replace("http://localhost:3100", &set_up.address())
        .replace(
            "\\\"_index\\\":\\\"orders\\\"",
            &format!("\\\"_index\\\":\\\"{}\\\"", set_up.index),
        );
    match set_up.form {
        Form::Json => recipe,
        Form::Text | Form::Container => recipe.replace(
            "\\n${MESSAGE}\")",
            "\\n$(format-json message=${MESSAGE})\")",
        ),
    }
}
