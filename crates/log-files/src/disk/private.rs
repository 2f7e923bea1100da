//! Files that are created beside a log.

use super::platform::{copy_owner_and_mode, no_follow, owner_only, restrict_to_owner};
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::Path,
};

/// Opens a file to append to it, and creates it if it does not exist. Only its owner has permissions afterwards.
///
/// # Errors
///
/// If the path is a symbolic link or anything else that is not a regular file.
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    let file = no_follow(owner_only(&mut options))
        .open(path)
        .map_err(|error| explain_link(path, error))?;
    let metadata = require_regular(file.metadata()?)?;
    restrict_to_owner(&file, &metadata);
    Ok(file)
}

/// Creates a file for which only its owner has permissions. It replaces a file that an earlier attempt has left.
///
/// # Errors
///
/// If another process creates a file of that name at the same time.
pub fn create_private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    // `create_new` does not follow a link either.
    owner_only(options.write(true).create_new(true)).open(path)
}

/// Opens a regular file to read it and append to it, without following a symbolic link. With `create`, a file that does not exist is
/// created with the process's default permissions.
pub fn open_to_append(path: &Path, create: bool) -> io::Result<File> {
    let open = |read| {
        let mut options = OpenOptions::new();
        options.read(read).append(true).create(create);
        no_follow(&mut options).open(path)
    };
    let opened = match open(true) {
        // The process may write this file and not read it.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => open(false),
        opened => opened,
    };
    let file = opened.map_err(|error| explain_link(path, error))?;
    require_regular(file.metadata()?)?;
    Ok(file)
}

/// Creates a file to append to, with the owner and mode of another file.
///
/// # Errors
///
/// If something exists at the path, be it a broken symbolic link.
pub fn create_like(path: &Path, other: &Metadata) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    // Until it has the other file's mode, only its owner has permissions.
    let file = owner_only(&mut options).open(path)?;
    copy_owner_and_mode(&file, other);
    Ok(file)
}

/// Opens a regular file to read it, without following a symbolic link.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    let file = no_follow(OpenOptions::new().read(true))
        .open(path)
        .map_err(|error| explain_link(path, error))?;
    require_regular(file.metadata()?)?;
    Ok(file)
}

/// Returns whether a path is a symbolic link, be it a broken one.
pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

/// Returns the metadata if they are those of a regular file.
pub(super) fn require_regular(metadata: Metadata) -> io::Result<Metadata> {
    if metadata.is_file() {
        return Ok(metadata);
    }
    let what = match metadata.file_type() {
        kind if kind.is_dir() => "a folder",
        kind if kind.is_symlink() => "a symbolic link, which is not followed",
        _ => "a device or a pipe",
    };
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("it is {what}, not a regular file"),
    ))
}

/// Replaces the error of opening a symbolic link: the system reports "Too many levels of symbolic links" even for a single one.
fn explain_link(path: &Path, error: io::Error) -> io::Error {
    match is_link(path) {
        true => io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is a symbolic link, which is not followed: remove the link",
        ),
        false => error,
    }
}
