//! The command line.

use super::help::{environment, exit_codes};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// The command line without the options for which it only prints something.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) to: String,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) state: Option<PathBuf>,
    pub(crate) name: Option<String>,
    pub(crate) from_start: bool,
    pub(crate) follow_links: bool,
    pub(crate) keys: Vec<(String, String)>,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) labels_of: Vec<(String, String)>,
    pub(crate) redact: Option<String>,
    pub(crate) redact_keys: Option<String>,
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) drain: Duration,
    pub(crate) timeout: Option<Duration>,
    pub(crate) action: Action,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Follow,
    Once,
    RetryRejected,
    DryRun,
    PrintTemplate,
    PrintCompletions(Shell),
    PrintManual,
}

impl Arguments {
    pub(crate) fn parse() -> Self {
        Self::of(&command().get_matches())
    }

    fn of(matches: &ArgMatches) -> Self {
        Self {
            to: one(matches, "to").unwrap_or_default(),
            files: all(matches, "files"),
            state: one(matches, "state"),
            name: one(matches, "name"),
            from_start: matches.get_flag("from-start"),
            follow_links: matches.get_flag("follow-links"),
            keys: all(matches, "key"),
            labels: all(matches, "label"),
            labels_of: all(matches, "label-of"),
            redact: one(matches, "redact"),
            redact_keys: one(matches, "redact-keys"),
            metrics: one(matches, "metrics"),
            drain: Duration::from_secs(one(matches, "drain-seconds").unwrap_or(10)),
            timeout: one(matches, "timeout").map(Duration::from_secs),
            action: action(matches),
        }
    }
}

fn action(matches: &ArgMatches) -> Action {
    let is = |name| matches.get_flag(name);
    match one(matches, "completions") {
        Some(shell) => Action::PrintCompletions(shell),
        None if is("man") => Action::PrintManual,
        None if is("print-template") => Action::PrintTemplate,
        None if is("dry-run") => Action::DryRun,
        None if is("retry-rejected") => Action::RetryRejected,
        None if is("once") => Action::Once,
        None => Action::Follow,
    }
}

fn one<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> Option<T> {
    matches.get_one(name).cloned()
}

fn all<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> Vec<T> {
    let values = matches.get_many(name);
    values.map_or_else(Vec::new, |values| values.cloned().collect())
}

pub(crate) fn command() -> Command {
    let prints = ["print-template", "completions", "man"];
    Command::new("traceship")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Ships lines from log files to Loki, Elasticsearch, OpenSearch or an OpenTelemetry collector")
        .long_about(
            "Ships lines from log files to Loki, Elasticsearch, OpenSearch or an OpenTelemetry collector.\n\n\
             It follows the files until SIGTERM or SIGINT. When it is restarted, it continues where it stopped. On SIGHUP it reads \
             certificates again, checks all files, and sends their new lines without waiting for more.",
        )
        .override_usage("traceship --to <SERVER> [OPTIONS] <FILES>...")
        .after_long_help(format!("{}\n\n{}", exit_codes(), environment()))
        .arg(
            value("to", "SERVER", "Server to ship to: `loki=URL`, `elasticsearch=URL/INDEX`, `opensearch=URL/INDEX` or `otlp=URL`")
                .required_unless_present_any(["completions", "man"]),
        )
        .arg(
            Arg::new("files")
                .value_name("FILES")
                .num_args(1..)
                .value_parser(value_parser!(PathBuf))
                .required_unless_present_any(prints)
                .required_unless_present_all(["retry-rejected", "state"])
                .help("Folders, files or glob patterns. A file includes its rotated versions. Quote a pattern, so that files that appear later are found too"),
        )
        .args(what_to_do())
        .args(where_to_resume())
        .args(how_to_read())
        .args(what_to_redact())
        .args(how_to_operate())
}

fn what_to_do() -> [Arg; 7] {
    [
        flag("once", "Ship the files' present contents and exit"),
        flag("retry-rejected", "Send the lines of the file of rejected lines again, and exit. Accepted lines are removed from it")
            .conflicts_with_all(["once", "from-start"]),
        flag("dry-run", "Print what --once would send, as one JSON object for each line, and exit. Nothing is sent or written")
            .conflicts_with_all(["once", "retry-rejected", "timeout"]),
        value("timeout", "SECONDS", "Maximum time for --once and --retry-rejected [default: none]").value_parser(value_parser!(u64)),
        flag("print-template", "Print the index template for the server of --to (Elasticsearch or OpenSearch), and exit. Send it with PUT to /_index_template/NAME"),
        value("completions", "SHELL", "Print completions for a shell, and exit").value_parser(value_parser!(Shell)),
        flag("man", "Print the manual page in roff, and exit"),
    ]
}

fn where_to_resume() -> [Arg; 3] {
    [
        value(
            "state",
            "FOLDER",
            "Folder for the cursor and for rejected lines [default: the folder of the first FILES]",
        )
        .value_parser(value_parser!(PathBuf)),
        value(
            "name",
            "NAME",
            "Name of the target, to which the cursor belongs [default: loki, elasticsearch or otlp]",
        ),
        flag(
            "from-start",
            "Ship all files from their start, including lines that were already shipped",
        ),
    ]
}

fn how_to_read() -> [Arg; 4] {
    [
        flag(
            "follow-links",
            "Follow symbolic links to files of any owner, also outside their folder",
        ),
        several(
            "key",
            "NAME=KEY",
            "Key of the lines for `timestamp`, `level`, `message`, `service`, `trace_id`, `span_id`, `trace_flags` or `record_uid`, such as `trace_id=traceId`; can be repeated",
        ),
        several(
            "label",
            "NAME=VALUE",
            "Label for all lines, such as `env=production`. For Loki only; can be repeated",
        ),
        several(
            "label-of",
            "NAME=MEMBER",
            "Label with the value of a line's member, such as `route=http.route`. For Loki only; can be repeated",
        ),
    ]
}

fn what_to_redact() -> [Arg; 2] {
    [
        value(
            "redact",
            "SETS",
            "Replace secrets in lines before they are sent: a list of `keys`, `secrets`, `cards`, `emails` and `ips`. A word can name what stands in place of the secret: `redacted`, `pseudonym`, `last4` or `remove`, as in `secrets,emails=pseudonym` [default: none]",
        ),
        value(
            "redact-keys",
            "KEYS",
            "Replace the values of these keys too, such as `ssn,iban=last4,card*` [default: none]",
        ),
    ]
}

fn how_to_operate() -> [Arg; 2] {
    let exits = ["once", "retry-rejected", "dry-run"];
    [
        value("metrics", "ADDRESS", "Address, such as `127.0.0.1:9102`, to serve /metrics, /health and /ready at, without authentication [default: none]")
            .value_parser(value_parser!(SocketAddr))
            .conflicts_with_all(exits),
        value("drain-seconds", "SECONDS", "Maximum time in seconds to deliver the rest after SIGTERM or SIGINT")
            .value_parser(value_parser!(u64))
            .default_value("10"),
    ]
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .help(help)
        .action(ArgAction::SetTrue)
}

fn value(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn several(name: &'static str, pattern: &'static str, help: &'static str) -> Arg {
    value(name, pattern, help)
        .action(ArgAction::Append)
        .value_parser(pair)
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once('=')
        .ok_or("expected a name, `=` and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_arguments_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn rejected_lines_are_retried_with_a_state_folder_alone() {
        let of = |arguments: &[&str]| command().try_get_matches_from(arguments);
        let to = ["traceship", "--to", "loki", "--retry-rejected"];
        assert!(of(&to).is_err());
        let with_state = of(&[&to[..], &["--state", "x"]].concat()).expect("a folder is enough");
        assert_eq!(Arguments::of(&with_state).action, Action::RetryRejected);
    }
}
