//! The definition of the command line.

use super::{
    help::exit_codes,
    server_arguments::{self, SERVER_OPTIONS},
    span_argument, time_argument,
};
use clap::{Arg, ArgAction, ArgGroup, Command, builder::StyledStr, value_parser};
use clap_complete::Shell;
use std::path::PathBuf;
use tracegrep::{Field, Level, Order};

/// The version, with the commit if the build script knows it.
const VERSION: &str = match option_env!("TRACEGREP_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

const USAGE: &str = "tracegrep [OPTIONS] <ID> [PATHS]...
       tracegrep [OPTIONS] --last-error <PATHS>...
       tracegrep [OPTIONS] --field <NAME=VALUE> <PATHS>...
       tracegrep [OPTIONS] --top <ORDER> [PATHS]...
       tracegrep [OPTIONS] --follow [--errors | ID] <PATHS>...
       tracegrep --index <PATHS>...";

/// How many traces `--top` lists.
pub(crate) const DEFAULT_LIMIT: usize = 10;

// clap does not demand an option that `requires` names if it conflicts with one that is given, so an option that belongs to one mode conflicts
// with the other modes too.

/// The options that choose traces instead of an ID.
const INSTEAD_OF_ID: [&str; 7] = [
    "last-error",
    "index",
    "field",
    "top",
    "follow",
    "completions",
    "man",
];

/// When to use colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

pub(crate) fn command() -> Command {
    Command::new("tracegrep")
        .version(VERSION)
        .about("Finds a trace by its id in any log files, and draws it as a tree of spans with their lines")
        .override_usage(USAGE)
        .after_long_help(exit_codes())
        .arg(
            Arg::new("id")
                .value_name("ID")
                .value_parser(value_parser!(PathBuf))
                .required_unless_present_any(INSTEAD_OF_ID)
                .help("Id of the trace: 32 hexadecimal digits in any case, with or without dashes, a prefix of 8 digits or more, a whole `traceparent`, a hexadecimal number after `0x`, the form of AWS X-Ray, or Datadog's decimal number"),
        )
        .arg(
            Arg::new("paths")
                .value_name("PATHS")
                .num_args(0..)
                .value_parser(value_parser!(PathBuf))
                .help("Files, folders and glob patterns; `-` is standard input. A file includes its rotated files, and a folder includes its subfolders [default with ID or --top: standard input, unless a server is named]"),
        )
        .args(which_lines())
        .args(server_arguments::definitions())
        .args(how_to_print())
        .group(ArgGroup::new("form").args(["tree", "lines", "json", "markdown", "html"]))
        .args(what_else())
}

fn which_lines() -> [Arg; 12] {
    [
        flag("last-error", "Show the trace of the newest line of level ERROR or above. Takes no ID, and needs PATHS"),
        value("field", "NAME=VALUE", "Show the trace that has a line with this field, such as `order=1017` or `http.status=500`. Can be repeated for a line that has all of them. Takes no ID, and needs PATHS")
            .value_parser(value_parser!(Field))
            .action(ArgAction::Append)
            .conflicts_with("last-error"),
        value("top", "ORDER", "List traces instead of showing one: those with the most `errors`, the `slowest`, or those with the most `lines`. Takes no ID")
            .value_parser(order)
            .conflicts_with_all(["last-error", "field", "tree", "lines", "markdown", "html", "span", "level", "export", "raw-times"])
            .conflicts_with_all(SERVER_OPTIONS),
        value("limit", "N", format!("List at most this many traces [default: {DEFAULT_LIMIT}]"))
            .value_parser(value_parser!(u64).range(1..))
            .requires("top")
            .conflicts_with_all(["last-error", "field", "follow", "index"]),
        flag("follow", "Follow the files: print each trace when it has ended or, with an ID, each new line of this trace. Without an ID, the first argument is a path")
            .conflicts_with_all(["last-error", "field", "top", "since", "until", "html", "export"])
            .conflicts_with_all(SERVER_OPTIONS),
        flag("errors", "With --follow, print only traces that have a line of level ERROR or above. Takes no ID")
            .requires("follow")
            .conflicts_with_all(["last-error", "field", "top", "index"]),
        value("quiet-after", "TIME", "With --follow, a trace has ended after this time without a line, such as `10s` [default: 5s]")
            .value_parser(time_argument::duration)
            .requires("follow")
            .conflicts_with_all(["last-error", "field", "top", "index"]),
        value("since", "TIME", "Leave out lines before this time: RFC 3339, `2026-11-29 16:00:00` or `2026-11-29` in local time, or an age such as `30m`, `1h30m` or `1w`")
            .value_parser(time_argument::parse),
        value("until", "TIME", "Leave out lines at this time and after it")
            .value_parser(time_argument::parse),
        value("service", "NAME", "Show only lines of this service. All spans stay; can be repeated")
            .action(ArgAction::Append),
        value("level", "LEVEL", "Show only lines of this level and above: trace, debug, info, warn, error or fatal. All spans stay")
            .value_parser(level),
        value("span", "ID", "Show only this span and its descendants. A unique prefix of its id is enough")
            .value_parser(span_argument::parse),
    ]
}

fn how_to_print() -> [Arg; 11] {
    [
        flag(
            "tree",
            "Print the tree of spans. This is the default on a terminal",
        ),
        flag(
            "lines",
            "Print the raw lines, in order of time. This is the default otherwise",
        ),
        flag(
            "json",
            "Print one JSON object: the spans, their lines and the parsed fields; with --top an array of traces",
        ),
        flag(
            "markdown",
            "Print Markdown for a ticket: the tree and the raw lines",
        ),
        value(
            "html",
            "FILE",
            "Write one page for a browser, which needs no network; `-` is standard output",
        )
        .value_parser(value_parser!(PathBuf)),
        value(
            "export",
            "KIND=TARGET",
            "Write the spans for another tool: perfetto=FILE, jaeger=FILE or otlp=FILE; or send them to an OpenTelemetry collector or a tracing backend: otlp=http://localhost:4318. Then nothing is printed, unless a form is chosen; can be repeated",
        )
        .action(ArgAction::Append),
        flag("wide", "Do not cut long lines and stack traces"),
        flag(
            "raw-times",
            "Draw the times as they were logged, even if the clocks of services differ",
        ),
        flag(
            "no-progress",
            "Do not show the progress of a search that takes longer than a second. It is only shown on a terminal",
        ),
        flag(
            "no-pager",
            "Do not use a pager for output that is longer than the screen. The pager is TRACEGREP_PAGER, else PAGER, else `less`",
        ),
        value(
            "color",
            "WHEN",
            "Use colors: auto, always or never. `auto` obeys NO_COLOR",
        )
        .value_parser(color)
        .default_value("auto"),
    ]
}

fn what_else() -> [Arg; 4] {
    [
        flag("index", "Write an index of trace ids beside each compressed file that has none, so that the file is searched faster. Takes no ID")
            .conflicts_with_all(["last-error", "field", "top", "follow", "form", "since", "until", "service", "level", "span", "export", "wide", "raw-times"])
            .conflicts_with_all(SERVER_OPTIONS),
        value(
            "config",
            "FILE",
            "Read further names of keys from this file [default: `tracegrep.toml` in the folder for configurations]",
        )
        .value_parser(value_parser!(PathBuf)),
        value(
            "completions",
            "SHELL",
            "Print completions for a shell, and exit",
        )
        .value_parser(value_parser!(Shell)),
        flag("man", "Print the manual page in roff, and exit"),
    ]
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .help(help)
        .action(ArgAction::SetTrue)
}

fn value(name: &'static str, value: &'static str, help: impl Into<StyledStr>) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .help(help.into())
}

fn level(text: &str) -> Result<Level, &'static str> {
    Ok(match &*text.to_ascii_lowercase() {
        "trace" => Level::Trace,
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warn" | "warning" => Level::Warn,
        "error" => Level::Error,
        "fatal" => Level::Fatal,
        _ => return Err("expected trace, debug, info, warn, error or fatal"),
    })
}

fn order(text: &str) -> Result<Order, &'static str> {
    Ok(match text {
        "errors" => Order::Errors,
        "slowest" => Order::Slowest,
        "lines" => Order::Lines,
        _ => return Err("expected errors, slowest or lines"),
    })
}

fn color(text: &str) -> Result<Color, &'static str> {
    Ok(match text {
        "auto" => Color::Auto,
        "always" => Color::Always,
        "never" => Color::Never,
        _ => return Err("expected auto, always or never"),
    })
}
