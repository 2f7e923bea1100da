//! Opens the current file: at the start, and whenever its path has a different file or none.

use log_files::disk::{self, create_like, non_blocking};
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::{self, Path, PathBuf},
};

/// A path with more symbolic links than this is a loop, as on Linux.
const MAX_LINKS: usize = 40;

/// Follows the symbolic link at a path, also if its target does not exist yet.
pub(super) fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path::absolute(path)?;
    if let Ok(target) = fs::canonicalize(&path)
        && disk::is_link(&path)
    {
        return Ok(target);
    }
    if is_device(&path) {
        // The target of a link such as `/dev/stdout` may have no name.
        return Ok(path);
    }
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&path) else {
            return Ok(path);
        };
        path = path.parent().unwrap_or(&path).join(target);
    }
    Ok(path)
}

/// Returns whether something exists at the path that is neither a file nor a folder.
pub(super) fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Opens a device, or a named pipe that has a reader.
pub(super) fn device(path: &Path) -> io::Result<(File, Metadata)> {
    with_metadata(non_blocking(OpenOptions::new().append(true)).open(path)?)
}

/// Opens the file at the path that the application gave, or creates it with the process's default permissions.
pub(super) fn file(path: &Path) -> io::Result<(File, Metadata)> {
    with_metadata(disk::open_to_append(path, true)?)
}

/// Opens the file that is now at the path, or creates one with the owner and mode of the previous file.
pub(super) fn next(path: &Path, previous: &File) -> io::Result<(File, Metadata)> {
    let created = create_like(path, &previous.metadata()?);
    with_metadata(match created {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            disk::open_to_append(path, false)?
        }
        created => created?,
    })
}

fn with_metadata(file: File) -> io::Result<(File, Metadata)> {
    let metadata = file.metadata()?;
    Ok((file, metadata))
}
