//! `tracegrep` finds a trace by its id in log files and on log servers, and draws it as a tree of spans with their lines.
//!
//! ```sh
//! tracegrep 4bf92f3577b34da6a3ce929d0e0e4736 /var/log/shop
//! ```

mod arguments;
mod command;
mod config;
mod earlier_output;
mod export_argument;
mod exports;
mod filter;
mod follow;
mod help;
mod index;
mod input;
mod nothing;
mod output_file;
mod pager;
mod print;
mod progress;
mod server_arguments;
mod span_argument;
mod standard_input;
mod standard_output;
mod targets;
mod time_argument;

use arguments::{Action, Arguments, Form};
use filter::Refused;
use log_files::Printable;
use output_file::STANDARD_OUTPUT;
use std::{
    fmt::{self, Write as _},
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};
use tracegrep::{Found, Outcome, Problem, Record, Search, Top, Trace, Tree};

/// The exit codes that `--help` explains.
const NOT_FOUND: u8 = 1;
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let code = match &arguments.action {
        Action::PrintCompletions(shell) => {
            let mut text = Vec::new();
            let mut command = command::command();
            clap_complete::generate(*shell, &mut command, "tracegrep", &mut text);
            write(&text, 0)
        }
        Action::PrintManual => {
            let mut text = Vec::new();
            match clap_mangen::Man::new(command::command()).render(&mut text) {
                Ok(()) => write(&text, 0),
                Err(error) => fail(&error),
            }
        }
        Action::Find(query) => match input::search(&arguments) {
            Ok(search) => conclude(
                &arguments,
                progress::watch(&arguments, search, |search| search.find(query)),
            ),
            Err(error) => fail(&error),
        },
        Action::FindNewestError => match input::search(&arguments) {
            Ok(search) => {
                let is_wanted =
                    |record: &Record| filter::is_of_service(&arguments, record.service.as_deref());
                let find = |search: Search| search.find_newest_error(is_wanted);
                conclude(&arguments, progress::watch(&arguments, search, find))
            }
            Err(error) => fail(&error),
        },
        Action::FindWithFields(fields) => match input::search(&arguments) {
            Ok(search) => {
                let find = |search: Search| search.find_with_fields(fields);
                conclude(&arguments, progress::watch(&arguments, search, find))
            }
            Err(error) => fail(&error),
        },
        Action::Follow(query) => follow::run(&arguments, query.as_ref()),
        Action::FindTop(order, most) => match input::search(&arguments) {
            Ok(search) => {
                let find = |search: Search| search.find_top(*order, *most, &arguments.services);
                conclude_top(&arguments, &progress::watch(&arguments, search, find))
            }
            Err(error) => fail(&error),
        },
        Action::WriteIndexes => index::write_indexes(&arguments.paths),
    };
    ExitCode::from(code)
}

/// Prints what was found, and returns the exit code for it.
fn conclude(arguments: &Arguments, found: Found) -> u8 {
    let code = report(&found.problems);
    match &found.outcome {
        Outcome::Nothing => {
            explain(|| nothing::not_found(arguments, &found));
            code(NOT_FOUND)
        }
        Outcome::Several(candidates) => {
            list("traces", candidates);
            FAILED
        }
        Outcome::Trace(trace) => print_trace(arguments, trace, code(0), code(NOT_FOUND)),
    }
}

/// Prints the first traces in an order, and returns the exit code.
fn conclude_top(arguments: &Arguments, top: &Top) -> u8 {
    let code = report(&top.problems);
    if top.traces.is_empty() {
        explain(|| nothing::no_traces(arguments, top));
        return match arguments.form {
            // A program can read this without a special case.
            Some(Form::Json) => write(&print::top(arguments, top), code(NOT_FOUND)),
            _ => code(NOT_FOUND),
        };
    }
    show(arguments, &print::top(arguments, top), code(0))
}

/// Prints problems, and returns the exit code that stands for another one: if there are problems, it shows them.
fn report(problems: &[Problem]) -> impl Fn(u8) -> u8 + use<> {
    for problem in problems {
        say(format_args!("tracegrep: {problem}"));
    }
    let has_problems = !problems.is_empty();
    move |code| if has_problems { FAILED } else { code }
}

fn print_trace(arguments: &Arguments, trace: &Trace, found: u8, not_found: u8) -> u8 {
    let tree = match arguments.raw_times {
        true => Tree::with_raw_times(trace),
        false => Tree::of(trace),
    };
    match filter::apply(arguments, tree) {
        Ok(tree) => {
            let failures = exports::run(arguments, &tree);
            for failure in &failures {
                say_safely(failure);
            }
            let code = if failures.is_empty() { found } else { FAILED };
            if arguments.form == Some(Form::Lines) && tree.lines().is_empty() {
                say(format_args!(
                    "tracegrep: the trace has spans but no lines: --tree shows the spans"
                ));
            }
            match arguments.exports.is_empty() || arguments.form.is_some() {
                true => output(arguments, &print::text(arguments, &tree), code),
                false => code,
            }
        }
        Err(Refused::SeveralSpans(spans)) => {
            list("spans", &spans);
            FAILED
        }
        Err(Refused::NoSpan) => {
            explain(|| "the trace was found, but it has no such span".to_owned());
            not_found
        }
        Err(Refused::NoLines) => {
            explain(|| nothing::left_out(arguments));
            not_found
        }
    }
}

/// Writes the trace to the file that is named or to standard output, and returns the exit code.
fn output(arguments: &Arguments, text: &[u8], code: u8) -> u8 {
    match &arguments.form {
        Some(Form::Html(path)) if path != Path::new(STANDARD_OUTPUT) => {
            match output_file::write(path, text) {
                Ok(()) => code,
                Err(error) => {
                    say_safely(&format!("{}: cannot be written: {error}", path.display()));
                    FAILED
                }
            }
        }
        Some(Form::Html(_)) => write(text, code),
        _ => show(arguments, text, code),
    }
}

/// Shows a text in the pager or writes it to standard output, and returns the exit code.
fn show(arguments: &Arguments, text: &[u8], code: u8) -> u8 {
    match arguments.has_pager && pager::show(text) {
        true => code,
        false => write(text, code),
    }
}

/// Writes to standard output.
fn write_out(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text).and_then(|()| out.flush())
}

/// Writes to standard output, and returns the exit code. It stays the same if the reader stops early, as `head` does.
fn write(text: &[u8], code: u8) -> u8 {
    match write_out(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => fail(&error),
        _ => code,
    }
}

fn list(what: &str, candidates: &[impl fmt::Display]) {
    let count = candidates.len();
    say(format_args!("tracegrep: {count} {what} match:"));
    for candidate in candidates {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = write!(Printable(&mut text), "{candidate}");
        say(format_args!("{text}"));
    }
}

/// Says on a terminal why nothing is printed, if there is more to say. Elsewhere the exit code says enough, as that of `grep`.
fn explain<R: Into<Option<String>>>(reason: impl FnOnce() -> R) {
    if io::stderr().is_terminal()
        && let Some(reason) = reason().into()
    {
        say(format_args!("tracegrep: {reason}"));
    }
}

/// Prints a message that may have text of others.
fn say_safely(message: &str) {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = write!(Printable(&mut text), "{message}");
    say(format_args!("tracegrep: {text}"));
}

fn fail(error: &dyn fmt::Display) -> u8 {
    say(format_args!("tracegrep: {error}"));
    FAILED
}

/// Prints a message. If that fails, the exit code still says what happened.
fn say(message: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{message}");
}
