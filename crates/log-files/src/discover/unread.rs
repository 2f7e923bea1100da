use std::{
    fmt,
    path::{Path, PathBuf},
};

/// A path of [`Sources`](super::Sources) from which nothing is read now, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unread {
    /// The path or pattern, as it was given.
    pub path: PathBuf,
    /// Why nothing is read.
    pub reason: UnreadReason,
}

/// Why nothing is read from a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnreadReason {
    /// Neither a file with this path exists, nor a rotated version of it.
    Missing,
    /// No file matches this pattern.
    NoMatch,
    /// The folder has no log files.
    EmptyFolder,
    /// The name is that of an [unfinished file](crate::names::is_temporary).
    Unfinished,
    /// It is a named pipe, a socket or a device.
    NotAFile,
    /// It is a symbolic link that is not followed.
    LinkNotFollowed,
}

impl Unread {
    /// Whether nothing at all exists there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.reason, UnreadReason::Missing | UnreadReason::NoMatch)
    }

    pub(super) fn new(path: &Path, reason: UnreadReason) -> Self {
        Self {
            path: path.to_owned(),
            reason,
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.reason {
            UnreadReason::Missing => {
                write!(
                    f,
                    "there is no file at `{path}`, nor a rotated version of it"
                )
            }
            UnreadReason::NoMatch => write!(f, "there is no file that matches `{path}`"),
            UnreadReason::EmptyFolder => write!(
                f,
                "the folder `{path}` has no log files: name its subfolders too if they have some"
            ),
            UnreadReason::Unfinished => write!(
                f,
                "`{path}` has the name of an unfinished file: rename it when it is complete"
            ),
            UnreadReason::NotAFile => write!(
                f,
                "`{path}` is not a regular file: write what it contains to a file"
            ),
            UnreadReason::LinkNotFollowed => write!(
                f,
                "`{path}` is a link out of its folder, and the owner of the folder does not own both: name the file to which it leads"
            ),
        }
    }
}
