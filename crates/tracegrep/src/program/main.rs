//! `tracegrep` finds a trace by its id in log files, and draws it as a tree of spans with their lines.
//!
//! ```sh
//! tracegrep 4bf92f3577b34da6a3ce929d0e0e4736 /var/log/shop
//! ```

mod arguments;
mod filter;
mod help;
mod input;
mod print;
mod standard_input;
mod time_argument;

use arguments::{Action, Arguments};
use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};
use tracegrep::{Candidate, Found, Outcome, Trace, Tree};

/// The exit codes that `--help` explains.
const NOT_FOUND: u8 = 1;
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let code = match &arguments.action {
        Action::PrintCompletions(shell) => {
            let mut text = Vec::new();
            let mut command = arguments::command();
            clap_complete::generate(*shell, &mut command, "tracegrep", &mut text);
            write(&text, 0)
        }
        Action::PrintManual => {
            let mut text = Vec::new();
            match clap_mangen::Man::new(arguments::command()).render(&mut text) {
                Ok(()) => write(&text, 0),
                Err(error) => fail(&error),
            }
        }
        Action::Find(query) => match input::search(&arguments) {
            Ok(search) => conclude(&arguments, search.find(query)),
            Err(error) => fail(&error),
        },
        Action::FindNewestError => match input::search(&arguments) {
            Ok(search) => conclude(
                &arguments,
                search.find_newest_error(|record| {
                    filter::is_of_service(&arguments, record.service.as_deref())
                }),
            ),
            Err(error) => fail(&error),
        },
    };
    ExitCode::from(code)
}

/// Prints what was found, and returns the exit code for it.
fn conclude(arguments: &Arguments, found: Found) -> u8 {
    for problem in &found.problems {
        say(format_args!("tracegrep: {problem}"));
    }
    let code = |code| {
        if found.problems.is_empty() {
            code
        } else {
            FAILED
        }
    };
    match &found.outcome {
        Outcome::Nothing => code(NOT_FOUND),
        Outcome::Several(candidates) => {
            list(candidates);
            FAILED
        }
        Outcome::Trace(trace) => print_trace(arguments, trace, code(0), code(NOT_FOUND)),
    }
}

fn print_trace(arguments: &Arguments, trace: &Trace, found: u8, not_found: u8) -> u8 {
    let tree = match arguments.raw_times {
        true => Tree::with_raw_times(trace),
        false => Tree::of(trace),
    };
    let Some(tree) = filter::apply(arguments, tree) else {
        return not_found;
    };
    write(&print::text(arguments, &tree), found)
}

/// Writes to standard output, and returns the exit code. It stays the same if the reader stops early, as `head` does.
fn write(text: &[u8], code: u8) -> u8 {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => fail(&error),
        _ => code,
    }
}

fn list(candidates: &[Candidate]) {
    say(format_args!("tracegrep: several traces match:"));
    for candidate in candidates {
        say(format_args!("{candidate}"));
    }
}

fn fail(error: &dyn fmt::Display) -> u8 {
    say(format_args!("tracegrep: {error}"));
    FAILED
}

/// Prints a message. If that fails, the exit code still says what happened.
fn say(message: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{message}");
}
