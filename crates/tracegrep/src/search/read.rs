use super::{
    Problem,
    file_text::FileText,
    form, index,
    input::Input,
    scan::{End, scan},
    taken::Taken,
    wanted::Wanted,
};
use log_files::PipeContent;
use std::{
    io::{self, Read as _},
    path::Path,
};

/// Reads an input, and calls `sink` with the lines that are wanted. Returns why it could not be read to its end.
pub(super) fn read<W: Wanted>(
    input: Input,
    wanted: &W,
    sink: &mut dyn FnMut(Taken),
) -> Option<Problem> {
    match input {
        // `remote_lines` asks servers.
        Input::Server(_) => None,
        Input::Reader { name, reader } => {
            let mut text = match PipeContent::new(reader) {
                Ok(text) => text,
                Err(error) => return Some(Problem::unreadable(&name, &error)),
            };
            let mut head = Vec::new();
            let all = (&mut text).take(form::HEAD_BYTES).read_to_end(&mut head);
            if let Err(error) = all {
                return Some(Problem::unreadable(&name, &error));
            }
            if let Some(reason) = form::unreadable(&head) {
                return Some(Problem::new(&name, reason));
            }
            let end = scan((&*head).chain(&mut text), wanted, sink);
            let damage = || text.damage().map(|damage| Problem::new(&name, damage));
            problem(&name, end, true).or_else(damage)
        }
        Input::File(file) => {
            let given = match index::read(&file.path, wanted, sink) {
                Ok(()) => {
                    file.progress.add_read(file.bytes);
                    return None;
                }
                Err(given) => given,
            };
            let mut sink = |taken: Taken| {
                if !given.has(taken.offset) {
                    sink(taken);
                }
            };
            let (path, is_named) = (&file.path, file.is_named);
            let mut text = match FileText::open(&file) {
                Ok(text) => text,
                // The file was removed or rotated since it was found.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => return None,
                Err(error) => return Some(Problem::unreadable(path, &error)),
            };
            if let Some(reason) = text.unreadable_form(path) {
                return Some(Problem::new(path, reason));
            }
            let end = scan(&mut text, wanted, &mut sink);
            let damage = || text.damage().map(|damage| Problem::new(path, damage));
            problem(path, end, is_named).or_else(damage)
        }
    }
}

fn problem(path: &Path, end: io::Result<End>, is_named: bool) -> Option<Problem> {
    match end {
        Ok(End::Complete) => None,
        Ok(End::Binary) => is_named.then(|| Problem::new(path, "is not a text file")),
        Err(error) => Some(match error.kind() {
            io::ErrorKind::InvalidData => Problem::new(path, error.to_string()),
            _ => Problem::unreadable(path, &error),
        }),
    }
}
