use super::{
    arguments::{Arguments, Form},
    command::Color,
    say_safely,
};
use log_files::Printable;
use std::{
    env,
    fmt::Write as _,
    io::{self, IsTerminal as _},
};
use tracegrep::{Drawing, Line, Top, Tree};

/// The width of a drawing that is not for a terminal.
const COLUMNS: usize = 100;

/// Returns the trace in the form that is wanted.
pub(crate) fn text(arguments: &Arguments, tree: &Tree<'_>) -> Vec<u8> {
    let is_terminal = io::stdout().is_terminal();
    // Spans of a tracing backend may have no lines.
    let default = match is_terminal || tree.lines().is_empty() {
        true => Form::Tree,
        false => Form::Lines,
    };
    match arguments.form.as_ref().unwrap_or(&default) {
        Form::Tree => drawing(arguments).draw(tree).into_bytes(),
        Form::Lines => lines(tree, is_terminal),
        Form::Json => tracegrep::json(tree).into_bytes(),
        Form::Markdown => tracegrep::markdown(tree).into_bytes(),
        Form::Html(_) => tracegrep::html(tree).into_bytes(),
    }
}

/// Returns the list of traces in the form that is wanted.
pub(crate) fn top(arguments: &Arguments, top: &Top) -> Vec<u8> {
    match arguments.form {
        Some(Form::Json) => tracegrep::json_of_summaries(&top.traces).into_bytes(),
        _ => {
            let is_whole = arguments.wide || !io::stdout().is_terminal();
            let drawing = drawing(arguments).with_whole_lines(is_whole);
            drawing.draw_top(top).into_bytes()
        }
    }
}

fn drawing(arguments: &Arguments) -> Drawing {
    Drawing::new()
        .with_width(columns())
        .with_whole_lines(arguments.wide)
        .with_colors(has_colors(arguments.color, io::stdout().is_terminal()))
}

/// Returns the raw lines. On a terminal they are made safe for it.
fn lines(tree: &Tree<'_>, is_terminal: bool) -> Vec<u8> {
    let mut text = Vec::new();
    for line in tree.lines() {
        push_line(line, is_terminal, &mut text);
    }
    text
}

/// Returns one raw line, with those that belong to it.
pub(crate) fn line(line: &Line) -> Vec<u8> {
    let mut text = Vec::new();
    push_line(line, io::stdout().is_terminal(), &mut text);
    text
}

fn push_line(line: &Line, is_terminal: bool, text: &mut Vec<u8>) {
    if let Some(cut) = cut(line) {
        say_safely(&format!("{}: {cut}", line.source().display()));
    }
    for part in std::iter::once(line.raw()).chain(line.following()) {
        match is_terminal {
            true => text.extend(printable(part).into_bytes()),
            false => text.extend(part),
        }
        text.push(b'\n');
    }
}

/// Says what of a line is not printed.
fn cut(line: &Line) -> Option<String> {
    let offset = line.offset();
    match line.left_out() {
        0 if line.is_cut() => Some(format!(
            "the line at offset {offset} is too long, and only its first {} bytes are printed",
            line.raw().len()
        )),
        0 => None,
        some => Some(format!(
            "{some} lines that belong to the line at offset {offset} are left out, because those before them take 4 MiB"
        )),
    }
}

fn printable(bytes: &[u8]) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = Printable(&mut text).write_str(&String::from_utf8_lossy(bytes));
    text
}

/// The width of the terminal, or the one that `COLUMNS` sets.
fn columns() -> usize {
    if let Some((terminal_size::Width(columns), _)) = terminal_size::terminal_size() {
        return columns.into();
    }
    let set = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    set.unwrap_or(COLUMNS)
}

fn has_colors(color: Color, is_terminal: bool) -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && !is_set("NO_COLOR") && !is_dumb,
    }
}
