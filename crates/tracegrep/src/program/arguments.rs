//! The command line.

use super::{
    export_argument::{self, Export},
    help::exit_codes,
    server_arguments, span_argument, time_argument,
};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, error::ErrorKind, value_parser};
use clap_complete::Shell;
use std::{path::PathBuf, time::Duration};
use tracegrep::{Field, Level, Order, ServerKind, TraceQuery};

#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) action: Action,
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) form: Option<Form>,
    pub(crate) wide: bool,
    pub(crate) raw_times: bool,
    pub(crate) has_pager: bool,
    pub(crate) config: Option<PathBuf>,
    pub(crate) has_progress: bool,
    /// Of the traces that are followed, only those with an error are wanted.
    pub(crate) errors: bool,
    pub(crate) quiet_after: Option<Duration>,
    pub(crate) color: Color,
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
    pub(crate) services: Vec<String>,
    pub(crate) level: Option<Level>,
    pub(crate) span: Option<String>,
    /// Servers with their addresses, which may have passwords.
    pub(crate) servers: Vec<(ServerKind, String)>,
    pub(crate) loki_selector: Option<String>,
    pub(crate) exports: Vec<Export>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Find(TraceQuery),
    FindNewestError,
    FindWithFields(Vec<Field>),
    FindTop(Order, usize),
    /// Follow all traces, or the lines of one.
    Follow(Option<TraceQuery>),
    WriteIndexes,
    PrintCompletions(Shell),
    PrintManual,
}

/// How to print the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Tree,
    Lines,
    Json,
    Markdown,
    /// A page, in this file.
    Html(PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// The version, with the commit if the build script knows it.
const VERSION: &str = match option_env!("TRACEGREP_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// How many traces `--top` lists.
const DEFAULT_LIMIT: usize = 10;

impl Arguments {
    pub(crate) fn parse() -> Self {
        Self::of(&command().get_matches()).unwrap_or_else(|error| error.exit())
    }

    #[cfg(test)]
    pub(crate) fn of_words(words: &[&str]) -> Option<Self> {
        let all = [&["tracegrep"], words].concat();
        Self::of(&command().try_get_matches_from(all).ok()?).ok()
    }

    fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let action = action(matches)?;
        // Without an id, the first argument is a path.
        let has_id = matches!(action, Action::Find(_) | Action::Follow(Some(_)));
        let first = one(matches, "id").filter(|_| !has_id);
        let paths: Vec<PathBuf> = all(matches, "paths");
        Ok(Self {
            action,
            paths: first.into_iter().chain(paths).collect(),
            form: form(matches),
            wide: matches.get_flag("wide"),
            raw_times: matches.get_flag("raw-times"),
            has_progress: !matches.get_flag("no-progress"),
            config: one(matches, "config"),
            has_pager: !matches.get_flag("no-pager"),
            errors: matches.get_flag("errors"),
            quiet_after: one(matches, "quiet-after"),
            color: one(matches, "color").unwrap_or(Color::Auto),
            since: one(matches, "since"),
            until: one(matches, "until"),
            services: all(matches, "service"),
            level: one(matches, "level"),
            span: one(matches, "span"),
            servers: server_arguments::servers(matches),
            loki_selector: server_arguments::loki_selector(matches),
            exports: exports(matches)?,
        })
    }
}

/// They are not parsed by clap, whose errors show the value, which may have a password.
fn exports(matches: &ArgMatches) -> Result<Vec<Export>, clap::Error> {
    let texts: Vec<String> = all(matches, "export");
    let exports = texts.iter().map(|text| export_argument::parse(text));
    exports
        .collect::<Result<_, _>>()
        .map_err(|error| command().error(ErrorKind::ValueValidation, error))
}

fn action(matches: &ArgMatches) -> Result<Action, clap::Error> {
    if let Some(shell) = one(matches, "completions") {
        return Ok(Action::PrintCompletions(shell));
    }
    if matches.get_flag("man") {
        return Ok(Action::PrintManual);
    }
    if matches.get_flag("last-error") {
        return Ok(Action::FindNewestError);
    }
    if let Some(order) = one(matches, "top") {
        let most = one::<u64>(matches, "limit").and_then(|most| usize::try_from(most).ok());
        return Ok(Action::FindTop(order, most.unwrap_or(DEFAULT_LIMIT)));
    }
    let fields: Vec<Field> = all(matches, "field");
    if !fields.is_empty() {
        return Ok(Action::FindWithFields(fields));
    }
    if matches.get_flag("index") {
        return Ok(Action::WriteIndexes);
    }
    let id: PathBuf = one(matches, "id").unwrap_or_default();
    if matches.get_flag("follow") {
        // A file can hardly have the name of an id.
        let query = id.to_string_lossy().parse().ok();
        return match matches.get_flag("errors") {
            true => Ok(Action::Follow(None)),
            false => Ok(Action::Follow(query)),
        };
    }
    match id.to_string_lossy().parse() {
        Ok(query) => Ok(Action::Find(query)),
        Err(error) => {
            let paths: Vec<PathBuf> = all(matches, "paths");
            let is_id = |path: &PathBuf| path.to_string_lossy().parse::<TraceQuery>().is_ok();
            let hint = match paths.iter().any(is_id) {
                true => "\n\n  tip: the id comes before the paths: tracegrep ID PATHS",
                false => "",
            };
            let message = format!("{error}{hint}");
            Err(command().error(ErrorKind::ValueValidation, message))
        }
    }
}

fn form(matches: &ArgMatches) -> Option<Form> {
    if let Some(path) = one(matches, "html") {
        return Some(Form::Html(path));
    }
    let forms = [
        ("tree", Form::Tree),
        ("lines", Form::Lines),
        ("json", Form::Json),
        ("markdown", Form::Markdown),
    ];
    let chosen = forms.into_iter().find(|(name, _)| matches.get_flag(name));
    chosen.map(|(_, form)| form)
}

fn one<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> Option<T> {
    matches.get_one(name).cloned()
}

fn all<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> Vec<T> {
    let values = matches.get_many(name);
    values.map_or_else(Vec::new, |values| values.cloned().collect())
}

pub(crate) fn command() -> Command {
    Command::new("tracegrep")
        .version(VERSION)
        .about("Finds a trace by its id in any log files, and draws it as a tree of spans with their lines")
        .override_usage(
            "tracegrep [OPTIONS] <ID> [PATHS]...\n       tracegrep [OPTIONS] --last-error <PATHS>...\n       tracegrep [OPTIONS] --field <NAME=VALUE> <PATHS>...\n       tracegrep [OPTIONS] --top <ORDER> [PATHS]...\n       tracegrep [OPTIONS] --follow [--errors | ID] <PATHS>...\n       tracegrep --index <PATHS>...",
        )
        .after_long_help(exit_codes())
        .arg(
            Arg::new("id")
                .value_name("ID")
                .value_parser(value_parser!(PathBuf))
                .required_unless_present_any(["last-error", "index", "field", "top", "follow", "completions", "man"])
                .help("Id of the trace: 32 hexadecimal digits in any case, with or without dashes, a prefix of 8 digits or more, a `traceparent`, or Datadog's decimal number"),
        )
        .arg(
            Arg::new("paths")
                .value_name("PATHS")
                .num_args(0..)
                .value_parser(value_parser!(PathBuf))
                .help("Files, folders and glob patterns; `-` is standard input. A file includes its rotated files, and a folder those below it [default: standard input, unless a server is named]"),
        )
        .args(which_lines())
        .args(server_arguments::definitions())
        .args(how_to_print())
        .group(ArgGroup::new("form").args(["tree", "lines", "json", "markdown", "html"]))
        .args(what_else())
}

fn which_lines() -> [Arg; 12] {
    [
        flag("last-error", "Show the newest trace that has a line of level ERROR or above. No ID is given then"),
        value("field", "NAME=VALUE", "Show the trace that has a line with this field, such as `order=1017` or `http.status=500`. Can be repeated for a line that has all of them. No ID is given then")
            .value_parser(value_parser!(Field))
            .action(ArgAction::Append)
            .conflicts_with("last-error"),
        value("top", "ORDER", "List traces instead of showing one: those with the most `errors`, the `slowest`, or those with the most `lines`. No ID is given then")
            .value_parser(order)
            .conflicts_with_all(["last-error", "field", "tree", "lines", "markdown", "html", "span", "level"]),
        value("limit", "N", "List at most this many traces [default: 10]")
            .value_parser(value_parser!(u64).range(1..))
            .requires("top"),
        flag("follow", "Follow the files: print each trace when it has ended or, with an ID, each new line of this trace. Without an ID, the first argument is a path")
            .conflicts_with_all(["last-error", "field", "top", "since", "until", "html"]),
        flag("errors", "With --follow, print only traces that have a line of level ERROR or above")
            .requires("follow"),
        value("quiet-after", "TIME", "With --follow, a trace has ended after so long without a line, such as `10s` [default: 5s]")
            .value_parser(time_argument::duration)
            .requires("follow"),
        value("since", "TIME", "Leave out lines before this time: RFC 3339, `2026-11-29 16:00:00` or `2026-11-29` in local time, or `1h`, `30m`, `2d` before now")
            .value_parser(time_argument::parse),
        value("until", "TIME", "Leave out lines at this time and after it")
            .value_parser(time_argument::parse),
        value("service", "NAME", "Show only lines of this service. All spans stay; can be repeated")
            .action(ArgAction::Append),
        value("level", "LEVEL", "Show only lines of this level and above: trace, debug, info, warn, error or fatal. All spans stay")
            .value_parser(level),
        value("span", "ID", "Show only this span and those below it. A prefix of its id that no other span has is enough")
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
            "Print one JSON object, with the spans, their lines, and what was understood",
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
            "Do not show a text in a pager that is longer than the screen. The pager is that of TRACEGREP_PAGER or PAGER, or `less`",
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
        flag("index", "Write an index of trace ids beside each compressed file that has none, with which the file is searched faster. No ID is given then")
            .conflicts_with_all(["last-error", "field", "top", "follow", "form"]),
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

fn value(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_arguments_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn the_first_argument_is_the_id_unless_another_option_chooses_the_traces() {
        let of = Arguments::of_words;
        let found = of(&["4bf92f35", "a.log", "b.log"]).expect("valid");
        assert!(matches!(found.action, Action::Find(_)));
        assert_eq!(found.paths, ["a.log", "b.log"].map(PathBuf::from));
        let found = of(&["--last-error", "a.log"]).expect("valid");
        assert_eq!(found.action, Action::FindNewestError);
        assert_eq!(found.paths, [PathBuf::from("a.log")]);
        let found = of(&["--field", "order=1017", "a.log"]).expect("valid");
        assert!(matches!(found.action, Action::FindWithFields(_)));
        assert_eq!(found.paths, [PathBuf::from("a.log")]);
        let found = of(&["--top", "slowest", "--limit", "3", "a.log"]).expect("valid");
        assert_eq!(found.action, Action::FindTop(Order::Slowest, 3));
        assert_eq!(found.paths, [PathBuf::from("a.log")]);
        assert!(of(&["--top", "errors", "--tree"]).is_none());
        let found = of(&["--follow", "--errors", "logs"]).expect("valid");
        assert_eq!(found.action, Action::Follow(None));
        assert_eq!(found.paths, [PathBuf::from("logs")]);
        let found = of(&["--follow", "4bf92f35", "logs"]).expect("valid");
        assert!(matches!(found.action, Action::Follow(Some(_))));
        assert_eq!(found.paths, [PathBuf::from("logs")]);
        assert!(of(&["--errors", "logs"]).is_none());
        assert!(of(&["--limit", "3", "4bf92f35"]).is_none());
        let found = of(&["--index", "a.log", "b.log"]).expect("valid");
        assert_eq!(found.action, Action::WriteIndexes);
        assert_eq!(found.paths, ["a.log", "b.log"].map(PathBuf::from));
        assert!(of(&[]).is_none());
        assert!(of(&["a.log"]).is_none(), "not an id");
        assert!(of(&["4bf92f35", "--tree", "--json"]).is_none());
    }
}
