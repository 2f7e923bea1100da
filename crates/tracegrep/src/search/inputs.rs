//! The files that paths name.

use super::{
    Problem, Progress,
    input::{FileInput, Input},
    left_out::LeftOut,
    pipe::is_pipe,
};
use log_files::discover::Sources;
use std::{
    fs::{self, File, Metadata},
    io,
    path::{Path, PathBuf},
};

/// Finds the files, the rotated ones before the current ones.
pub(super) fn inputs(
    paths: &[PathBuf],
    left_out: &[PathBuf],
    progress: &Progress,
) -> (Vec<Input>, Vec<Problem>) {
    let mut inputs = Vec::new();
    let mut problems = Vec::new();
    let mut sources = Sources::default().with_linked_files(true);
    for path in paths {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => sources.add(path.join("**")),
            Ok(metadata) if metadata.is_file() => sources.add(path),
            Ok(metadata) => match open_pipe(path, &metadata) {
                Ok(reader) => inputs.push(reader),
                Err(problem) => problems.push(problem),
            },
            Err(error) => match check_pattern(path, &error) {
                Ok(()) => sources.add(path),
                Err(problem) => problems.push(problem),
            },
        }
    }
    let found = sources.find();
    let is_named = |path: &Path| {
        paths
            .iter()
            .any(|named| without_dot(named) == without_dot(path))
    };
    let left_out = LeftOut::of(left_out);
    let files = found.files.into_iter();
    let files = files.filter(|file| !left_out.has(file));
    inputs.extend(files.map(|file| {
        let input = Input::File(FileInput {
            is_named: is_named(&file.path) || file.link.is_some_and(|link| is_named(&link)),
            path: without_dot(&file.path).into(),
            bytes: file.bytes,
            progress: progress.clone(),
        });
        input.announced()
    }));
    problems.extend(found.problems.iter().map(Problem::of_discovery));
    (inputs, problems)
}

/// A file in the current folder is found as `./app.log`.
fn without_dot(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

/// Opens the pipe of a shell's `<(command)`. A named pipe elsewhere may have no writer, and then opening it would never end.
fn open_pipe(path: &Path, metadata: &Metadata) -> Result<Input, Problem> {
    let is_of_shell = path.starts_with("/dev/fd") || path.starts_with("/proc");
    if !is_pipe(metadata) {
        return Err(Problem::new(path, "is neither a regular file nor a pipe"));
    }
    if !is_of_shell {
        let advice = "is a named pipe: give it as standard input, with `-` and `<`";
        return Err(Problem::new(path, advice));
    }
    let file = File::open(path).map_err(|error| Problem::unreadable(path, &error))?;
    Ok(Input::Reader {
        name: path.into(),
        reader: Box::new(file),
    })
}

/// Checks a path at which there is no file: it may be a pattern, or the file may be rotated.
fn check_pattern(path: &Path, error: &io::Error) -> Result<(), Problem> {
    if error.kind() != io::ErrorKind::NotFound {
        return Err(Problem::unreadable(path, error));
    }
    let mut alone = Sources::default().with_linked_files(true);
    alone.add(path);
    if let Err(error) = alone.check() {
        return Err(Problem::new(path, error.to_string()));
    }
    match alone.find().files.is_empty() {
        true => Err(Problem::new(path, "there is no such file")),
        false => Ok(()),
    }
}
