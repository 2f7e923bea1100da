//! Files that are made beside a log.

use super::platform::{for_the_owner, keep_owner_and_mode, not_following, restrict_to_owner};
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::Path,
};

/// Opens a file to append to it, and makes it where it is missing. Nobody but its owner has any right to it afterwards.
///
/// # Errors
///
/// Where the path is a symbolic link or anything else that is not a regular file.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    let file = not_following(for_the_owner(&mut options))
        .open(path)
        .map_err(|error| of_a_link(path, error))?;
    let metadata = regular(file.metadata()?)?;
    restrict_to_owner(&file, &metadata);
    Ok(file)
}

/// Makes a new file that nobody but its owner has any right to, in place of what an earlier attempt has left.
///
/// # Errors
///
/// Where somebody makes a file of that name at the same time.
#[cfg(any(feature = "gzip", feature = "ship"))]
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    // `create_new` follows no link either.
    for_the_owner(options.write(true).create_new(true)).open(path)
}

/// Opens a regular file to append to it, and to read what it has; follows no symbolic link to it. With `create` it is made where it is
/// missing, with the rights that are usual for the process.
pub(crate) fn open_to_append(path: &Path, create: bool) -> io::Result<File> {
    let open = |read| {
        let mut options = OpenOptions::new();
        options.read(read).append(true).create(create);
        not_following(&mut options).open(path)
    };
    let opened = match open(true) {
        // A file that may be written only.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => open(false),
        opened => opened,
    };
    let file = opened.map_err(|error| of_a_link(path, error))?;
    regular(file.metadata()?)?;
    Ok(file)
}

/// Makes a new file to append to, with the owner and mode of another.
///
/// # Errors
///
/// Where there is something at the path already, be it a symbolic link to nothing.
pub(crate) fn create_like(path: &Path, other: &Metadata) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    // With nobody's rights but the owner's, until it has those of the other.
    let file = for_the_owner(&mut options).open(path)?;
    keep_owner_and_mode(&file, other);
    Ok(file)
}

/// Opens a regular file to read it, and follows no symbolic link to it.
#[cfg(any(feature = "gzip", feature = "ship"))]
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    let file = not_following(OpenOptions::new().read(true))
        .open(path)
        .map_err(|error| of_a_link(path, error))?;
    regular(file.metadata()?)?;
    Ok(file)
}

/// Whether a path is a symbolic link, whatever it leads to.
pub(crate) fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

pub(super) fn regular(metadata: Metadata) -> io::Result<Metadata> {
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

/// "Too many levels of symbolic links" is what the system says of a single one.
fn of_a_link(path: &Path, error: io::Error) -> io::Error {
    match is_link(path) {
        true => io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is a symbolic link, which is not followed: remove the link",
        ),
        false => error,
    }
}
