use super::{
    arguments::{Action, Arguments, Form},
    config,
    export_argument::Export,
    standard_input::{STANDARD_INPUT, is_file_or_pipe, is_standard_input},
    standard_output, targets,
};
use std::{
    env,
    io::{self, IsTerminal as _},
};
use tracegrep::{Search, Server};

/// Returns the value of an environment variable.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Returns the search of all paths and servers.
pub(crate) fn search(arguments: &Arguments) -> io::Result<Search> {
    check_files(arguments)?;
    targets::check(arguments)?;
    let mut search = Search::new().with_keys(config::keys(arguments)?);
    if let Some(path) = standard_output::path() {
        search = search.without_file(path);
    }
    if let Some(since) = arguments.since {
        search = search.with_since(since);
    }
    if let Some(until) = arguments.until {
        search = search.with_until(until);
    }
    if let Some(Form::Html(path)) = &arguments.form {
        search = search.without_file(path);
    }
    for export in &arguments.exports {
        if let Export::File(_, path) = export {
            search = search.without_file(path);
        }
    }
    for (kind, url) in &arguments.servers {
        let mut server = Server::new(*kind, url).map_err(io::Error::other)?;
        if let Some(selector) = &arguments.loki_selector {
            server = server.with_selector(selector);
        }
        let server = server.with_variables(variable).map_err(io::Error::other)?;
        search = search.with_server(server);
    }
    let mut reads_input = arguments.paths.is_empty() && arguments.servers.is_empty();
    for path in &arguments.paths {
        match is_standard_input(path) {
            true => reads_input = true,
            false => search = search.with_path(path),
        }
    }
    if !reads_input {
        return Ok(search);
    }
    check_input(arguments.paths.is_empty())?;
    Ok(search.with_reader(STANDARD_INPUT, io::stdin()))
}

/// Checks that there are files, if the action selects the trace by reading files first.
fn check_files(arguments: &Arguments) -> io::Result<()> {
    let (option, what) = match arguments.action {
        Action::FindNewestError => ("--last-error", "errors"),
        Action::FindWithFields(_) => ("--field", "fields"),
        _ => return Ok(()),
    };
    let mut paths = arguments.paths.iter();
    let reason = if paths.any(|path| is_standard_input(path)) {
        "standard input cannot be read twice".to_owned()
    } else if !arguments.paths.is_empty() {
        return Ok(());
    } else if arguments.servers.is_empty() {
        "standard input is not read".to_owned()
    } else {
        format!("servers cannot be searched for {what}")
    };
    let text = format!("{option} needs a file, a folder or a pattern; {reason}");
    Err(io::Error::other(text))
}

/// Checks that standard input is a file or a pipe.
fn check_input(is_default: bool) -> io::Result<()> {
    if is_default && io::stdin().is_terminal() {
        let text =
            "no files are named: a file, a folder, a glob pattern, `-` or a server is needed";
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
