//! Why nothing is printed.

use super::{
    arguments::{Action, Arguments},
    standard_input::is_standard_input,
};
use tracegrep::{Field, Found, Order, Top};

/// Says why a search has found nothing. If it has failed everywhere, its problems have said so.
pub(crate) fn not_found(arguments: &Arguments, found: &Found) -> Option<String> {
    if found.lines_outside_period > 0 {
        return Some(left_out(arguments));
    }
    let searched = Searched {
        inputs: found.inputs,
        complete: found.complete,
        has_problems: !found.problems.is_empty(),
    };
    match &arguments.action {
        Action::FindNewestError => no_line(ERROR_LINE, arguments, searched),
        Action::FindWithFields(fields) => {
            let fields: Vec<String> = fields.iter().map(Field::to_string).collect();
            let line = format!("line with {} and a trace id", fields.join(", "));
            no_line(&line, arguments, searched)
        }
        _ if !searched.has_problems => Some(no_id(arguments, searched.inputs)),
        _ => {
            let place = searched.complete_ones(!arguments.servers.is_empty())?;
            Some(format!("the id was not found in {place}"))
        }
    }
}

/// How much was searched.
#[derive(Clone, Copy)]
struct Searched {
    inputs: usize,
    complete: usize,
    has_problems: bool,
}

impl Searched {
    /// Names the inputs that were searched to their end, if there are any.
    fn complete_ones(self, has_servers: bool) -> Option<String> {
        let (one, several) = match has_servers {
            true => ("file or server", "files and servers"),
            false => ("file", "files"),
        };
        match self.complete {
            0 => None,
            1 => Some(format!("the only {one} that could be searched completely")),
            count => Some(format!(
                "the {count} {several} that could be searched completely"
            )),
        }
    }
}

const ERROR_LINE: &str = "line of level ERROR or above with a trace id";

/// Says why there are no traces to list.
pub(crate) fn no_traces(arguments: &Arguments, top: &Top) -> Option<String> {
    let line = match arguments.action {
        Action::FindTop(Order::Errors, _) => ERROR_LINE,
        _ => "line with a trace id",
    };
    let searched = Searched {
        inputs: top.inputs,
        complete: top.complete,
        has_problems: !top.problems.is_empty(),
    };
    no_line(line, arguments, searched)
}

/// Only files and standard input are searched for lines like this.
fn no_line(line: &str, arguments: &Arguments, searched: Searched) -> Option<String> {
    let place = match searched.inputs {
        _ if searched.has_problems => format!("in {}", searched.complete_ones(false)?),
        0 => return Some(NO_FILES.to_owned()),
        1 if reads_only_input(arguments) => "in standard input".to_owned(),
        1 => "in the file".to_owned(),
        files => format!("in {files} files"),
    };
    let options = choosing(arguments);
    Some(match &*options {
        "" => format!("no {line} {place}"),
        _ => format!("no {line} {place} (only lines selected by {options})"),
    })
}

const NO_FILES: &str = "no files were searched";

fn no_id(arguments: &Arguments, inputs: usize) -> String {
    let servers = match arguments.servers.len() {
        0 => None,
        1 => Some("on the server".to_owned()),
        servers => Some(format!("on any of {servers} servers")),
    };
    if let Some(servers) = servers {
        return match inputs.saturating_sub(arguments.servers.len()) {
            0 => format!("the id was not found {servers}"),
            1 => format!("the id was found neither in the file nor {servers}"),
            files => format!("the id was found neither in {files} files nor {servers}"),
        };
    }
    match inputs {
        0 => NO_FILES.to_owned(),
        1 if reads_only_input(arguments) => "the id is not in standard input".to_owned(),
        1 => "the id is not in the file that was searched".to_owned(),
        inputs => format!("the id is in none of {inputs} files"),
    }
}

fn reads_only_input(arguments: &Arguments) -> bool {
    let mut paths = arguments.paths.iter();
    paths.all(|path| is_standard_input(path))
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
        not_found(&arguments, &found).expect("there is no problem")
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
            no_id(&arguments, inputs)
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

    #[test]
    fn lines_are_searched_for_only_in_files_and_the_options_that_select_them_are_named() {
        let reason = |words: &[&str], inputs, failed| {
            let arguments = Arguments::of_words(words).expect("valid");
            let searched = Searched {
                inputs,
                complete: inputs - failed,
                has_problems: failed > 0,
            };
            no_line("line with order=1", &arguments, searched)
        };
        let words = ["--field", "order=1", "."];
        let server = ["--field", "order=1", ".", "--loki", "http://a"];
        let service = ["--field", "order=1", ".", "--service", "shop"];
        let period = ["--top", "lines", "--since", "1d", "--until", "1h"];
        for (words, inputs, problems, expected) in [
            (&words[..], 0, 0, "no files were searched"),
            (&words, 1, 0, "no line with order=1 in the file"),
            (&server, 5, 0, "no line with order=1 in 5 files"),
            (
                &words,
                5,
                1,
                "no line with order=1 in the 4 files that could be searched completely",
            ),
            (
                &service,
                5,
                0,
                "no line with order=1 in 5 files (only lines selected by --service)",
            ),
            (
                &period,
                1,
                0,
                "no line with order=1 in standard input (only lines selected by --since and --until)",
            ),
        ] {
            let reason = reason(words, inputs, problems);
            assert_eq!(reason.as_deref(), Some(expected));
        }
        assert_eq!(reason(&words, 1, 1), None);
    }

    #[test]
    fn a_search_that_has_failed_somewhere_is_said_to_have_found_nothing_in_the_others() {
        let reason = |texts: &[&'static [u8]]| {
            let arguments = Arguments::of_words(&[ID, "."]).expect("valid");
            let mut search = Search::new();
            for text in texts {
                search = search.with_reader("a.log", *text);
            }
            not_found(&arguments, &search.find(&ID.parse().expect("an id")))
        };
        let binary: &[u8] = b"\x7fELF\0\0\0\x01\x02\xff\n";
        assert_eq!(reason(&[binary]), None);
        for (others, expected) in [
            (
                &[&b"x\n"[..]][..],
                "the only file that could be searched completely",
            ),
            (
                &[b"x\n", b"y\n"],
                "the 2 files that could be searched completely",
            ),
        ] {
            let reason = reason(&[&[binary], others].concat());
            let expected = format!("the id was not found in {expected}");
            assert_eq!(reason, Some(expected));
        }
    }
}
