//! Why nothing is printed.

use super::{
    arguments::{Action, Arguments},
    input::STANDARD_INPUT,
};
use std::path::Path;
use tracegrep::{Field, Found, Order, Top};

/// Says why a search has found nothing.
pub(crate) fn not_found(arguments: &Arguments, found: &Found) -> String {
    match &arguments.action {
        Action::FindNewestError => no_line(ERROR_LINE, arguments, found.inputs),
        Action::FindWithFields(fields) => {
            let fields: Vec<String> = fields.iter().map(Field::to_string).collect();
            let line = format!("a line with {} and a trace id", fields.join(" and "));
            no_line(&line, arguments, found.inputs)
        }
        _ if found.lines_outside_period > 0 => left_out(arguments),
        _ => not_in("the id", arguments, found.inputs),
    }
}

const ERROR_LINE: &str = "a line of level ERROR or above with a trace id";

/// Says why there are no traces to list.
pub(crate) fn no_traces(arguments: &Arguments, top: &Top) -> String {
    let line = match arguments.action {
        Action::FindTop(Order::Errors, _) => ERROR_LINE,
        _ => "a line with a trace id",
    };
    no_line(line, arguments, top.inputs)
}

fn no_line(line: &str, arguments: &Arguments, inputs: usize) -> String {
    match &*choosing(arguments) {
        "" => not_in(line, arguments, inputs),
        options => {
            let line = format!("{line}, among those that {options} leave,");
            not_in(&line, arguments, inputs)
        }
    }
}

fn not_in(what: &str, arguments: &Arguments, inputs: usize) -> String {
    let servers = match arguments.servers.len() {
        0 => None,
        1 => Some("on the server".to_owned()),
        servers => Some(format!("on any of {servers} servers")),
    };
    if let Some(servers) = servers {
        return match inputs.saturating_sub(arguments.servers.len()) {
            0 => format!("{what} was not found {servers}"),
            1 => format!("{what} was found neither in the file nor {servers}"),
            files => format!("{what} was found neither in {files} files nor {servers}"),
        };
    }
    let mut paths = arguments.paths.iter();
    let reads_only_input = paths.all(|path| path == Path::new(STANDARD_INPUT));
    match inputs {
        0 => "no files were searched".to_owned(),
        1 if reads_only_input => format!("{what} is not in standard input"),
        1 => format!("{what} is not in the file that was searched"),
        inputs => format!("{what} is in none of {inputs} files"),
    }
}

/// Says that the options leave no line of a trace.
pub(crate) fn left_out(arguments: &Arguments) -> String {
    format!(
        "the trace was found, but all its lines are left out by {}",
        choosing(arguments)
    )
}

/// The options that are given and choose lines.
fn choosing(arguments: &Arguments) -> String {
    let options = [
        ("--since", arguments.since.is_some()),
        ("--until", arguments.until.is_some()),
        ("--span", arguments.span.is_some()),
        ("--service", !arguments.services.is_empty()),
        ("--level", arguments.level.is_some()),
    ];
    let given = options.iter().filter(|(_, is_given)| *is_given);
    let names: Vec<&str> = given.map(|(name, _)| *name).collect();
    names.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracegrep::Search;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn reason(arguments: &[&str], texts: &[&'static str]) -> String {
        let arguments = Arguments::of_words(arguments).expect("valid");
        let mut search = Search::new().with_since(arguments.since.unwrap_or(i64::MIN));
        for text in texts {
            search = search.with_reader("a.log", text.as_bytes());
        }
        let found = match &arguments.action {
            Action::Find(query) => search.find(query),
            _ => search.find_newest_error(|_| true),
        };
        not_found(&arguments, &found)
    }

    #[test]
    fn it_is_said_in_how_many_files_nothing_was_found() {
        for (arguments, texts, expected) in [
            (
                &[ID, "."][..],
                &["x\n", "y\n"][..],
                "the id is in none of 2 files",
            ),
            (
                &[ID, "a.log"],
                &["x\n"],
                "the id is not in the file that was searched",
            ),
            (&[ID], &["x\n"], "the id is not in standard input"),
            (&[ID, "."], &[], "no files were searched"),
        ] {
            assert_eq!(reason(arguments, texts), expected);
        }
    }

    #[test]
    fn servers_are_named_beside_files() {
        let reason = |words: &[&str], inputs| {
            let arguments = Arguments::of_words(words).expect("valid");
            not_in("the id", &arguments, inputs)
        };
        let server = "http://a";
        for (words, inputs, expected) in [
            (
                &[ID, "--loki", server][..],
                1,
                "the id was not found on the server",
            ),
            (
                &[ID, "a.log", "--loki", server],
                2,
                "the id was found neither in the file nor on the server",
            ),
            (
                &[ID, ".", "--loki", server, "--jaeger", server],
                5,
                "the id was found neither in 3 files nor on any of 2 servers",
            ),
        ] {
            assert_eq!(reason(words, inputs), expected);
        }
    }

    #[test]
    fn options_that_leave_out_all_lines_are_named() {
        let line = "2026-11-29T16:00:00Z INFO trace_id=4bf92f3577b34da6a3ce929d0e0e4736 x\n";
        assert_eq!(
            reason(&[ID, "--since", "2026-11-30T00:00:00Z"], &[line]),
            "the trace was found, but all its lines are left out by --since"
        );
        let words = [ID, "--level", "error", "--service", "shop"];
        assert_eq!(
            left_out(&Arguments::of_words(&words).expect("valid")),
            "the trace was found, but all its lines are left out by --service and --level"
        );
    }
}
