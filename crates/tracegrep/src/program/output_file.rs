//! A file that `--html` or `--export` names.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
};

/// The name of standard output as a file.
pub(crate) const STANDARD_OUTPUT: &str = "-";

/// Writes the text to a file. An existing file is replaced at once and only if all was written, so that no reader sees a part.
pub(crate) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let existing = fs::metadata(path).ok();
    match &existing {
        // A device or a pipe, such as /dev/stdout, must stay what it is.
        Some(metadata) if !metadata.is_file() => {
            OpenOptions::new().write(true).open(path)?.write_all(text)
        }
        // What a symbolic link leads to is replaced, not the link.
        Some(_) => replace(&fs::canonicalize(path)?, existing.as_ref(), text),
        None => replace(path, None, text),
    }
}

fn replace(path: &Path, existing: Option<&Metadata>, text: &[u8]) -> io::Result<()> {
    let new = beside(path);
    let result = create(&new, existing)
        .and_then(|mut file| file.write_all(text))
        .and_then(|()| fs::rename(&new, path));
    if result.is_err() {
        // It may not have been created.
        let _ = fs::remove_file(&new);
    }
    result
}

fn create(path: &Path, existing: Option<&Metadata>) -> io::Result<File> {
    match existing {
        Some(existing) => log_files::disk::create_like(path, existing),
        None => File::create_new(path),
    }
}

/// A hidden name in the same folder, because a file cannot be renamed to another disk.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", process::id()));
    path.with_file_name(name)
}
