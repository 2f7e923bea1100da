//! Whether retention may remove a file. This is decided by the cursors on the disk, so it is the same wherever the shipper runs.

use super::{cursor, files::OpenFile, target::KINDS};
use std::{io, path::Path};

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
/// The function reads the cursors and the file's first line, so do not call it on a thread that must not wait for the disk.
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
    let Some(mut file) = OpenFile::open(path)? else {
        // The file has no complete line.
        return Ok(path.metadata()?.len() > 0);
    };
    let mut is_known = false;
    for kind in KINDS {
        let marks = match cursor::read(&cursor::path(state, kind)) {
            Ok(marks) => marks,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => return Ok(true),
        };
        is_known = true;
        let mut mark = marks.get(&file.id);
        // The file may be a copy, or compressed by another program. The shipper recognizes it in the same way.
        for (id, candidate) in &marks {
            if mark.is_none() && id.has_same_first_line(file.id) && candidate.fits(&mut file)? {
                mark = Some(candidate);
            }
        }
        if mark.is_none_or(|mark| !file.ends_at(mark.offset)) {
            return Ok(true);
        }
    }
    Ok(!is_known)
}
