//! Opening the current file, when the process starts and whenever its path has another file or none.

use crate::disk::{self, create_like, not_blocking};
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::{self, Path, PathBuf},
};

/// More links than this are a loop, as for Linux.
const MOST_LINKS: usize = 40;

/// What a path leads to: the target of a symbolic link, also where that is still to be made.
pub(super) fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path::absolute(path)?;
    if let Ok(target) = fs::canonicalize(&path)
        && disk::is_link(&path)
    {
        return Ok(target);
    }
    if is_device(&path) {
        // Such as `/dev/stdout`, whose target has no name.
        return Ok(path);
    }
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&path) else {
            return Ok(path);
        };
        path = path.parent().unwrap_or(&path).join(target);
    }
    Ok(path)
}

/// Whether there is something that is neither a file nor a folder.
pub(super) fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Opens a device, or a named pipe that somebody reads.
pub(super) fn device(path: &Path) -> io::Result<(File, Metadata)> {
    with_metadata(not_blocking(OpenOptions::new().append(true)).open(path)?)
}

/// Opens the file at the path that a process was given, or makes it with the rights that are usual for the process.
pub(super) fn file(path: &Path) -> io::Result<(File, Metadata)> {
    with_metadata(disk::open_to_append(path, true)?)
}

/// Opens the file that has come to the path, or makes one with the owner and mode of the one before.
pub(super) fn next(path: &Path, before: &File) -> io::Result<(File, Metadata)> {
    let made = create_like(path, &before.metadata()?);
    with_metadata(match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            disk::open_to_append(path, false)?
        }
        made => made?,
    })
}

fn with_metadata(file: File) -> io::Result<(File, Metadata)> {
    let metadata = file.metadata()?;
    Ok((file, metadata))
}
