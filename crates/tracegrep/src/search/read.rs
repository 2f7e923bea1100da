use super::{
    Problem,
    file_text::FileText,
    gzip_pipe::{GZIP_MAGIC, GzipPipe},
    index,
    input::Input,
    scan::{End, scan},
    taken::Taken,
    wanted::Wanted,
};
use std::{
    io::{self, Read},
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
            let end = pipe_text(reader).and_then(|text| scan(text, wanted, sink));
            problem(&name, end, true)
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

/// The text of a pipe, which may be that of a gzip file.
fn pipe_text(mut reader: Box<dyn Read + Send>) -> io::Result<Box<dyn Read>> {
    let mut head = Vec::new();
    reader.by_ref().take(2).read_to_end(&mut head)?;
    let is_gzip = head == GZIP_MAGIC;
    let all = io::Cursor::new(head).chain(reader);
    Ok(match is_gzip {
        true => Box::new(GzipPipe::new(all)),
        false => Box::new(all),
    })
}

fn problem(path: &Path, end: io::Result<End>, is_named: bool) -> Option<Problem> {
    match end {
        Ok(End::Complete) => None,
        Ok(End::Binary) => is_named.then(|| Problem::new(path, "is not a text file")),
        Err(error) => Some(match error.kind() {
            io::ErrorKind::UnexpectedEof => Problem::new(path, "the compressed text is truncated"),
            io::ErrorKind::InvalidData => Problem::new(path, error.to_string()),
            _ => Problem::unreadable(path, &error),
        }),
    }
}
