//! `--index`.

use super::{FAILED, explain, fail, say, standard_input::is_standard_input};
use log_files::Printable;
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// Writes the indexes of files, and returns the exit code. On a terminal, it is said for each file what was done.
pub(crate) fn write_indexes(paths: &[PathBuf]) -> u8 {
    if paths.is_empty() || paths.iter().any(|path| is_standard_input(path)) {
        return fail(&"--index needs files or folders, and standard input is neither");
    }
    let done = tracegrep::write_indexes(paths);
    for path in &done.written {
        explain(|| described(path, "indexed"));
    }
    for path in &done.existing {
        explain(|| described(path, "has an index"));
    }
    for problem in &done.problems {
        say(format_args!("tracegrep: {problem}"));
    }
    match done.problems.is_empty() {
        true if done.written.is_empty() && done.existing.is_empty() => {
            explain(|| "there are no compressed files".to_owned());
            0
        }
        true => 0,
        false => FAILED,
    }
}

fn described(path: &Path, what: &str) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = write!(Printable(&mut text), "{}: {what}", path.display());
    text
}
