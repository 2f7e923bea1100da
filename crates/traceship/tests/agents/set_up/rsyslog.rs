//! rsyslog, with the recipe in `examples/agents`: its queue is on the disk, and positions are saved after each batch.
//! <https://www.rsyslog.com/doc/configuration/modules/imfile.html>

use super::{super::log_server::script, Form, SetUp};
use std::{fs, process::Command};

const RECIPE: &str = include_str!("../../../../../examples/agents/rsyslog-elasticsearch.conf");

/// Puts a line as text into a document.
const TEXT: &str = r#"template(name="line" type="list") {
    constant(value="{\"message\":\"") property(name="msg" format="json") constant(value="\"}")
}"#;

pub(super) fn command(set_up: &SetUp<'_>) -> Command {
    let path = set_up.state.join("rsyslog.conf");
    fs::write(path, configuration(set_up)).expect("the configuration is written");
    // It does not start if the process id in this file is one of a running process, which can be another one after a kill.
    let _ = fs::remove_file(set_up.state.join("rsyslog.pid"));
    let mut command = Command::new(script("rsyslog"));
    command.arg("run").arg(set_up.state);
    command
}

fn configuration(set_up: &SetUp<'_>) -> String {
    let (before, rest) = RECIPE
        .split_once("input(")
        .expect("the recipe has an input");
    let end = "reopenOnTruncate=\"on\")";
    let (input, after) = rest
        .split_once(end)
        .expect("the input ends with this setting");
    // The documentation gives this setting for the parts of long lines of containers.
    let parts = match set_up.form {
        Form::Container => r#" endmsg.regex="(^[^ ]+ (stdout|stderr) F )|(\\n\",\"stream\")""#,
        Form::Text | Form::Json => "",
    };
    let inputs: String = set_up
        .patterns
        .iter()
        .map(|pattern| {
            let files = format!("{}/{pattern}", set_up.logs.display());
            let input = input.replace("/var/log/orders/*.jsonl", &files);
            format!("input({input}reopenOnTruncate=\"on\"{parts})\n")
        })
        .collect();
    let recipe = format!("{before}{inputs}{after}")
        .replace(
            "/var/lib/rsyslog-orders",
            &set_up.state.display().to_string(),
        )
        .replace("http://localhost:9200", &set_up.address())
        .replace(
            "searchIndex=\"orders\"",
            &format!("searchIndex=\"{}\"", set_up.index),
        );
    match set_up.form {
        Form::Json => recipe,
        Form::Text | Form::Container => recipe.replace(
            "template(name=\"line\" type=\"string\" string=\"%msg%\")",
            TEXT,
        ),
    }
}
