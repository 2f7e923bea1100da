//! Where the exports and the page go.

use super::{
    arguments::{Arguments, Form},
    export_argument::Export,
    output_file::STANDARD_OUTPUT,
};
use log_files::FileKey;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Checks that no target is one of the files to search, and that no two outputs have the same target.
pub(crate) fn check(arguments: &Arguments) -> io::Result<()> {
    let mut targets: Vec<&Path> = Vec::new();
    for export in &arguments.exports {
        if let Export::File(_, path) = export {
            targets.push(path);
        }
    }
    match &arguments.form {
        Some(Form::Html(path)) => targets.push(path),
        Some(_) => targets.push(Path::new(STANDARD_OUTPUT)),
        None => {}
    }
    for (index, target) in targets.iter().enumerate() {
        let others = targets.iter().take(index);
        if others.into_iter().any(|other| is_same(other, target)) {
            return Err(error(target, "more than one output would be written to it"));
        }
        if *target != Path::new(STANDARD_OUTPUT) && is_searched(target, &arguments.paths) {
            return Err(error(
                target,
                "it is one of the files to search, and would be replaced",
            ));
        }
    }
    Ok(())
}

fn is_searched(target: &Path, paths: &[PathBuf]) -> bool {
    let mut files = paths.iter().filter(|path| path.is_file());
    files.any(|path| is_same(path, target))
}

/// Whether two names are of the same file, also by a link.
fn is_same(one: &Path, other: &Path) -> bool {
    let key = |path| fs::metadata(path).ok().map(|found| FileKey::of(&found));
    let has_same_key = || key(one).is_some_and(|found| key(other) == Some(found));
    let real = |path| fs::canonicalize(path).ok();
    let has_same_name = || real(one).is_some_and(|found| real(other) == Some(found));
    one == other || FileKey::IS_UNIQUE && has_same_key() || has_same_name()
}

fn error(target: &Path, why: &str) -> io::Error {
    io::Error::other(format!("{}: cannot be written: {why}", target.display()))
}
