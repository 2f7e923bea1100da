use super::{
    Problem,
    inputs::{FileText, Input},
    scan::{End, scan},
    taken::Taken,
    wanted::Wanted,
};
use std::{io, path::Path};

/// Reads an input, and calls `sink` with the lines that are wanted. Returns why it could not be read to its end.
pub(super) fn read<W: Wanted>(
    input: Input,
    wanted: &W,
    sink: &mut dyn FnMut(Taken),
) -> Option<Problem> {
    match input {
        Input::Reader { name, reader } => problem(&name, scan(reader, wanted, sink), true),
        Input::File { path, is_named } => {
            let mut text = match FileText::open(&path) {
                Ok(text) => text,
                // The file was removed or rotated since it was found.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => return None,
                Err(error) => return Some(Problem::unreadable(&path, &error)),
            };
            let end = scan(&mut text, wanted, sink);
            let damage = || text.damage().map(|damage| Problem::new(&path, damage));
            problem(&path, end, is_named).or_else(damage)
        }
    }
}

fn problem(path: &Path, end: io::Result<End>, is_named: bool) -> Option<Problem> {
    match end {
        Ok(End::Complete) => None,
        Ok(End::Binary) => is_named.then(|| Problem::new(path, "is not a text file")),
        Err(error) => Some(Problem::unreadable(path, &error)),
    }
}
