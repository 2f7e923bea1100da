//! Whether retention may remove a file. This is decided by the cursors on the disk, so it is the same wherever the shipper runs.

use crate::cursor::{self, Mark};
use log_files::FileKey;
use std::{fs, io, path::Path};

/// Returns whether a log file has lines that are not delivered yet.
///
/// `state` is the folder with the cursors: that of the log files, or the one set by [`with_state`](super::Shipper::with_state). Pass this
/// function to `RollingFile::with_hold` of `tracing-stamp` in the process that writes the file. The shipper may run
/// in the same process or in another one.
///
/// Returns `false` if the file does not exist or is empty. Returns `true` if its state is unknown: there is no cursor yet, a cursor cannot
/// be read, or a cursor has never seen the file. If there are cursors of several targets, each of them has to be at the end of the file, so
/// remove the cursor of a target that is no longer used.
///
/// A cursor can be read by its owner alone. If the shipper runs as another user, give a common group read access to the cursor once (`chgrp`,
/// `chmod g+r`). The permission is kept when the cursor is replaced.
///
/// The function reads the cursors, so do not call it on a thread that must not wait for the disk.
#[must_use]
pub fn is_unshipped(file: impl AsRef<Path>, state: impl AsRef<Path>) -> bool {
    match has_unshipped(file.as_ref(), state.as_ref()) {
        Ok(is_unshipped) => is_unshipped,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Whether the file has bytes that a cursor has not passed, or that no cursor knows of.
///
/// # Errors
///
/// If the file cannot be read.
fn has_unshipped(path: &Path, state: &Path) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() {
        return Ok(true);
    }
    if metadata.len() == 0 {
        return Ok(false);
    }
    let (key, bytes) = (FileKey::of(&metadata), metadata.len());
    let mut is_known = false;
    for cursor in cursor::all_in(state)? {
        let marks = match cursor::read(&cursor) {
            Ok(marks) => marks,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => return Ok(true),
        };
        is_known = true;
        let is_shipped = |mark: &Mark| {
            mark.gone_since.is_none()
                && mark
                    .file
                    .is_some_and(|file| file.key == key && file.bytes == bytes)
                && (mark.is_complete || (mark.length == bytes && mark.offset() == bytes))
        };
        if !marks.values().any(is_shipped) {
            return Ok(true);
        }
    }
    Ok(!is_known)
}
