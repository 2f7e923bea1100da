//! Whether a file can go, as far as shippers are concerned: by what they leave on the disk, wherever they run.

use super::{cursor, files::Open, target::KINDS};
use std::{io, path::Path};

/// Whether a log file has lines that are not delivered yet, by the cursors in a folder: that of the shipped files, or the one that was
/// named by [`with_state`](super::Shipper::with_state). For [`RollingFile::with_hold`](crate::writer::RollingFile::with_hold), in the process that
/// writes, wherever the shipper runs.
///
/// A cursor can be read by its owner alone. Where the shipper runs as another user, let a group that both are in read it once
/// (`chmod g+r`, `chgrp`): that is kept when the cursor is replaced.
///
/// `true` where that is not known: no cursor is there yet, one cannot be read, or has never seen the file. Where there are cursors of several
/// targets, each has to be behind the file's end; so remove the cursor of a target that is no more. Reads the cursors and the file's first
/// line: not for a thread that must not wait for the disk.
///
/// ```
/// use tracing_stamp::ship::is_unshipped;
///
/// let folder = std::env::temp_dir();
/// assert!(!is_unshipped(folder.join("no-such-file.jsonl"), &folder));
/// ```
#[must_use]
pub fn is_unshipped(file: impl AsRef<Path>, state: impl AsRef<Path>) -> bool {
    match has_more(file.as_ref(), state.as_ref()) {
        Ok(has_more) => has_more,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// # Errors
///
/// Where the file or a cursor cannot be read.
fn has_more(path: &Path, state: &Path) -> io::Result<bool> {
    let Some(mut file) = Open::at(path)? else {
        // Not one whole line.
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
        // A copy, or one that another program has compressed: as the shipper knows it.
        for (id, alike) in &marks {
            if mark.is_none() && id.is_alike(file.id) && alike.fits(&mut file)? {
                mark = Some(alike);
            }
        }
        if mark.is_none_or(|mark| !file.ends_at(mark.offset)) {
            return Ok(true);
        }
    }
    Ok(!is_known)
}
