use super::{
    arguments::{Action, Arguments, Form},
    config,
    standard_input::is_file_or_pipe,
};
use std::{
    io::{self, IsTerminal as _},
    path::Path,
};
use tracegrep::Search;

/// The name of standard input among the paths.
pub(crate) const STANDARD_INPUT: &str = "-";

/// Returns the search of all paths.
pub(crate) fn search(arguments: &Arguments) -> io::Result<Search> {
    let mut search = Search::new().with_keys(config::keys(arguments)?);
    if let Some(since) = arguments.since {
        search = search.with_since(since);
    }
    if let Some(until) = arguments.until {
        search = search.with_until(until);
    }
    if let Some(Form::Html(path)) = &arguments.form {
        search = search.without_file(path);
    }
    let mut reads_input = arguments.paths.is_empty();
    for path in &arguments.paths {
        match path == Path::new(STANDARD_INPUT) {
            true => reads_input = true,
            false => search = search.with_path(path),
        }
    }
    if !reads_input {
        return Ok(search);
    }
    let option = match arguments.action {
        Action::FindNewestError => Some("--last-error"),
        Action::FindWithFields(_) => Some("--field"),
        _ => None,
    };
    if let Some(option) = option {
        let text = format!("{option} needs files, because it reads them twice");
        return Err(io::Error::other(text));
    }
    check_input(arguments.paths.is_empty())?;
    Ok(search.with_reader(STANDARD_INPUT, io::stdin()))
}

/// Checks that standard input is a file or a pipe.
fn check_input(is_default: bool) -> io::Result<()> {
    if is_default && io::stdin().is_terminal() {
        let text = "no files are named: a file, a folder, a glob pattern or `-` is needed";
        return Err(io::Error::other(text));
    }
    match is_file_or_pipe()? {
        true => Ok(()),
        false => {
            let text = "standard input is neither a regular file nor a pipe";
            Err(io::Error::other(text))
        }
    }
}
