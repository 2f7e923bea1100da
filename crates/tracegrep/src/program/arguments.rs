//! The values of the command line.

use super::{
    command::{Color, DEFAULT_LIMIT, command},
    export_argument::{self, Export},
    server_arguments,
};
use clap::{ArgMatches, error::ErrorKind};
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
        if query.is_some() {
            check_follow_of_id(matches)?;
        }
        return Ok(Action::Follow(query));
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

/// Refuses the options that `--follow` would ignore, because it prints the raw lines of one trace.
fn check_follow_of_id(matches: &ArgMatches) -> Result<(), clap::Error> {
    let flags = ["errors", "tree", "json", "markdown", "raw-times"];
    let flags = flags.iter().filter(|name| matches.get_flag(name));
    let values = ["quiet-after", "span"];
    let values = values.iter().filter(|name| matches.contains_id(name));
    match flags.chain(values).next() {
        None => Ok(()),
        Some(name) => {
            let message = format!("--{name} cannot be used with --follow and an ID");
            Err(command().error(ErrorKind::ArgumentConflict, message))
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
        let found = of(&["--follow", "--errors", "./4bf92f35"]).expect("valid");
        assert_eq!(found.paths, [PathBuf::from("./4bf92f35")]);
        assert!(of(&["--limit", "3", "4bf92f35"]).is_none());
        let found = of(&["--index", "a.log", "b.log"]).expect("valid");
        assert_eq!(found.action, Action::WriteIndexes);
        assert_eq!(found.paths, ["a.log", "b.log"].map(PathBuf::from));
        assert!(of(&[]).is_none());
        assert!(of(&["a.log"]).is_none(), "not an id");
        assert!(of(&["4bf92f35", "--tree", "--json"]).is_none());
    }

    #[test]
    fn an_option_that_a_mode_would_ignore_is_refused_by_name() {
        let server = "http://localhost:3100";
        let servers = ["--loki", "--opensearch", "--victorialogs", "--jaeger"];
        let of_servers = |mode: &[&'static str]| {
            let of_server = |option| [mode, &[option, server]].concat();
            servers.map(of_server)
        };
        let mut refused = vec![
            vec!["--follow", "--export", "otlp=t.json"],
            vec!["--follow", "--html", "t.html"],
            vec!["--follow", "--since", "1h"],
            vec!["--follow", "--until", "1h"],
            vec!["--follow", "4bf92f35", "--errors"],
            vec!["--follow", "4bf92f35", "--json"],
            vec!["--follow", "4bf92f35", "--tree"],
            vec!["--follow", "4bf92f35", "--span", "a3ce"],
            vec!["--follow", "4bf92f35", "--quiet-after", "2s"],
            vec!["--follow", "--limit", "3"],
            vec!["--index", "--limit", "3"],
            vec!["--last-error", "--errors"],
            vec!["--top", "errors", "--quiet-after", "2s"],
            vec!["--index", "--since", "1h"],
            vec!["--index", "--until", "1h"],
            vec!["--index", "--level", "error"],
            vec!["--index", "--service", "shop"],
            vec!["--index", "--export", "otlp=t.json"],
            vec!["--index", "--wide"],
            vec!["--top", "errors", "--export", "otlp=t.json"],
            vec!["--top", "errors", "--raw-times"],
            vec!["--top", "errors", "--loki-selector", "{a=\"b\"}"],
        ];
        refused.extend(of_servers(&["--follow"]));
        refused.extend(of_servers(&["--index"]));
        refused.extend(of_servers(&["--top", "errors"]));
        for words in refused {
            let all = [&["tracegrep"], &*words, &["logs"]].concat();
            let matches = command().try_get_matches_from(all);
            let error = matches.and_then(|matches| Arguments::of(&matches));
            let error = error.expect_err(&words.join(" "));
            assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{words:?}");
            let message = error.to_string();
            for option in words.iter().filter(|word| word.starts_with("--")) {
                assert!(message.contains(option), "{words:?}: {message}");
            }
        }
        let selector = ["4bf92f35", "--loki-selector", "{a=\"b\"}"];
        assert!(Arguments::of_words(&selector).is_none());
        let loki = ["4bf92f35", "--loki", server, "--loki-selector", "{}"];
        assert!(Arguments::of_words(&loki).is_some());
    }
}
