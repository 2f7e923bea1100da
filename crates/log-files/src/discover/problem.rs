use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Why files were left out of a look. The other files were found.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// A folder cannot be read, or the metadata of a file.
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// A symbolic link leads out of its folder, and not only to files of the folder's owner. A [`Finder`](super::Finder) reports each link
    /// once. [`Sources::with_linked_files`](super::Sources::with_linked_files) follows such links.
    LinkNotFollowed {
        /// The link.
        path: PathBuf,
        /// The file or folder to which it leads.
        target: PathBuf,
    },
}

impl Problem {
    /// Returns the path of the folder, the file or the link.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Unreadable { path, .. } | Self::LinkNotFollowed { path, .. } => path,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path().display();
        match self {
            Self::Unreadable { error, .. } => write!(f, "{path} cannot be read: {error}"),
            Self::LinkNotFollowed { target, .. } => write!(
                f,
                "the link {path} is not followed: it leads out of its folder, to {}, and the owner of the folder does not own both",
                target.display()
            ),
        }
    }
}
