//! Where the exports and the page go.

use super::{
    arguments::{Arguments, Form},
    earlier_output::may_be_replaced,
    export_argument::{Export, ExportKind},
    output_file::STANDARD_OUTPUT,
    standard_input::is_standard_input,
};
use log_files::{FileKey, discover::Sources};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Checks that no target is one of the files to search, and that no two outputs have the same target.
pub(crate) fn check(arguments: &Arguments) -> io::Result<()> {
    // A page has no kind of export, and neither has standard output.
    let mut targets: Vec<(&Path, Option<ExportKind>)> = Vec::new();
    for export in &arguments.exports {
        if let Export::File(kind, path) = export {
            targets.push((path, Some(*kind)));
        }
    }
    match &arguments.form {
        Some(Form::Html(path)) => targets.push((path, None)),
        Some(_) => targets.push((Path::new(STANDARD_OUTPUT), None)),
        None => {}
    }
    for (index, (target, kind)) in targets.iter().enumerate() {
        let mut others = targets.iter().take(index);
        if others.any(|(other, _)| is_same(other, target)) {
            return Err(error(target, "more than one output would be written to it"));
        }
        if *target != Path::new(STANDARD_OUTPUT) && is_searched(target, *kind, &arguments.paths) {
            return Err(error(
                target,
                "it is one of the files to search, and would be replaced",
            ));
        }
    }
    Ok(())
}

/// Whether a target is a named file, or a file in a folder or of a pattern that is not an earlier output.
fn is_searched(target: &Path, kind: Option<ExportKind>, paths: &[PathBuf]) -> bool {
    let mut files = paths.iter().filter(|path| path.is_file());
    files.any(|path| is_same(path, target))
        || target.is_file()
            && !may_be_replaced(target, kind).unwrap_or(false)
            && is_reached(target, paths)
}

/// Whether a file is among those that paths lead to.
fn is_reached(target: &Path, paths: &[PathBuf]) -> bool {
    let mut sources = Sources::default().with_linked_files(true);
    for path in paths.iter().filter(|path| !is_standard_input(path)) {
        match path.is_dir() {
            true => sources.add(path.join("**")),
            false => sources.add(path),
        }
    }
    let found = sources.find().files;
    found.iter().any(|file| is_same(&file.path, target))
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
