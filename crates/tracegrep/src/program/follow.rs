//! Follows files until the program is interrupted.

use super::{
    arguments::{Arguments, Form},
    config, fail, filter, print, say, say_safely,
    standard_input::is_standard_input,
    standard_output, write_out,
};
use log_files::{Content, Printable, names::Compression};
use signal_hook::{consts::SIGINT, flag::register_conditional_shutdown};
use std::{
    fmt::Write as _,
    fs::File,
    io::{self, IsTerminal as _},
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tracegrep::{Event, Follow, Following, Trace, TraceQuery, Tree};

/// How often to look whether traces have ended.
const TICK: Duration = Duration::from_millis(250);

pub(crate) fn run(arguments: &Arguments, query: Option<&TraceQuery>) -> u8 {
    // Being interrupted is the usual end. All that is complete has been printed then.
    let is_enabled = Arc::new(AtomicBool::new(true));
    let started =
        register_conditional_shutdown(SIGINT, 0, is_enabled).and_then(|_| begin(arguments, query));
    let mut following = match started {
        Ok(following) => following,
        Err(error) => return fail(&error),
    };
    let mut printer = Printer::default();
    loop {
        for event in following.wait(TICK) {
            match printer.print(arguments, event) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return 0,
                Err(error) => return fail(&error),
                Ok(()) => {}
            }
        }
    }
}

fn begin(arguments: &Arguments, query: Option<&TraceQuery>) -> io::Result<Following> {
    let paths = &arguments.paths;
    if paths.is_empty() || paths.iter().any(|path| is_standard_input(path)) {
        let text = "--follow needs files or folders, and does not read standard input";
        return Err(io::Error::other(text));
    }
    let (compressed, paths): (Vec<_>, Vec<_>) = paths.iter().partition(|path| is_compressed(path));
    if let Some(first) = compressed.first() {
        let mut text = format!("compressed files are not followed: {}", first.display());
        if compressed.len() > 1 {
            // Writing to a `String` cannot fail.
            let _ = write!(text, " and {} more", compressed.len() - 1);
        }
        if paths.is_empty() {
            return Err(io::Error::other(text));
        }
        say_safely(&text);
    }
    let mut follow = Follow::new()
        .with_keys(config::keys(arguments)?)
        .with_only_errors(arguments.errors);
    if let Some(path) = standard_output::path() {
        follow = follow.without_file(path);
    }
    if let Some(duration) = arguments.quiet_after {
        follow = follow.with_quiet_after(duration);
    }
    for path in paths {
        if std::fs::metadata(path).is_err() && !is_pattern(path) {
            let mut name = String::new();
            // Writing to a `String` cannot fail.
            let _ = write!(Printable(&mut name), "{}", path.display());
            say(format_args!("tracegrep: {name}: there is no such file yet"));
        }
        follow = follow.with_path(path);
    }
    match query {
        Some(query) => follow.lines(query),
        None => follow.traces(),
    }
}

/// Whether a path is that of a compressed file. Of folders and patterns, compressed files are left out without a message.
fn is_compressed(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let is_named_so = || name.and_then(Compression::of).is_some();
    let is_so = || match File::open(path).and_then(Content::open) {
        Ok(content) => content.is_compressed(),
        Err(error) => error.kind() == io::ErrorKind::Unsupported,
    };
    path.is_file() && (is_named_so() || is_so())
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

/// Prints events. It remembers what it must not repeat.
#[derive(Default)]
struct Printer {
    has_printed: bool,
    has_dropped: bool,
}

impl Printer {
    fn print(&mut self, arguments: &Arguments, event: Event) -> io::Result<()> {
        match event {
            Event::Trace(trace) => self.print_trace(arguments, &trace),
            Event::Line(line) if filter::is_wanted(arguments, &line, None) => {
                write_out(&print::line(&line))
            }
            Event::Problem(problem) => {
                say(format_args!("tracegrep: {problem}"));
                Ok(())
            }
            Event::Dropped(_) if !self.has_dropped => {
                self.has_dropped = true;
                say(format_args!(
                    "tracegrep: the lines of traces that have not ended take more than 64 MiB, so the oldest of these traces are dropped"
                ));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn print_trace(&mut self, arguments: &Arguments, trace: &Trace) -> io::Result<()> {
        let tree = match arguments.raw_times {
            true => Tree::with_raw_times(trace),
            false => Tree::of(trace),
        };
        // The options may leave nothing of a trace.
        let Ok(tree) = filter::apply(arguments, tree) else {
            return Ok(());
        };
        let is_drawn = match &arguments.form {
            None => io::stdout().is_terminal(),
            Some(form) => matches!(form, Form::Tree | Form::Markdown),
        };
        let mut text = print::text(arguments, &tree);
        if std::mem::replace(&mut self.has_printed, true) && is_drawn {
            text.insert(0, b'\n');
        }
        write_out(&text)
    }
}
