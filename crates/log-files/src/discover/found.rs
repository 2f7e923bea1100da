use super::Problem;
use crate::{FileKey, names::Compression};
use std::{
    fs::Metadata,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The result of a look for files.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Found {
    /// The files that were found, each once. Files of one current file are together, the oldest first and the current one last. Between
    /// these groups, the one that contains the file that was modified first comes first.
    pub files: Vec<FoundFile>,
    /// Why files may be missing in `files`.
    pub problems: Vec<Problem>,
    /// Whether `files` are all files that exist, or only those that may have changed.
    pub is_complete: bool,
    /// Whether [`Finder::folders`](super::Finder::folders) changed.
    pub has_other_folders: bool,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundFile {
    /// The path to open. This is not a symbolic link, unless someone has replaced the file by one since.
    pub path: PathBuf,
    /// The symbolic link that led to the file or, if the file was rotated, to the current file.
    pub link: Option<PathBuf>,
    /// Identifies the file until it is removed.
    pub key: FileKey,
    /// When the file was created, if the file system knows.
    pub created: Option<SystemTime>,
    /// When the file was last written.
    pub modified: SystemTime,
    /// The size. Empty files are found too.
    pub bytes: u64,
    /// How the file is compressed, judging by its name.
    pub compression: Option<Compression>,
    /// Whether the names in the folder say that this is a closed file. Its writer may still have it open for a moment.
    ///
    /// A file with a date or a number in its name can be the current one, such as today's `app.2026-11-28.log`. It counts as closed if there
    /// is a newer file of the same name, with a later date or none.
    pub is_closed: bool,
    /// The path of the current file, if this has the name of a closed one.
    pub(super) rotated_from: Option<PathBuf>,
}

impl FoundFile {
    pub(super) fn new(path: PathBuf, metadata: &Metadata) -> Self {
        let name = path.file_name().and_then(|name| name.to_str());
        Self {
            link: None,
            rotated_from: None,
            key: FileKey::of(metadata),
            created: metadata.created().ok(),
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            bytes: metadata.len(),
            compression: name.and_then(Compression::of),
            is_closed: false,
            path,
        }
    }

    /// Returns the path of the current file that belongs to this one: its own path, or the path that a closed file had before. There may be
    /// no file at that path.
    #[must_use]
    pub fn current(&self) -> &Path {
        self.rotated_from.as_deref().unwrap_or(&self.path)
    }

    /// Returns the folder of the file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Returns the same file with its present size and time.
    pub(super) fn updated(&self, metadata: &Metadata) -> Self {
        Self {
            modified: metadata.modified().unwrap_or(self.modified),
            bytes: metadata.len(),
            ..self.clone()
        }
    }
}
