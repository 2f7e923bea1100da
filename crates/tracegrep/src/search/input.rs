use super::Progress;
use std::{io::Read, path::Path, sync::Arc};

/// A text to search.
pub(super) enum Input {
    File(FileInput),
    /// A text that can be read only once.
    Reader {
        name: Arc<Path>,
        reader: Box<dyn Read + Send>,
    },
}

/// A file to search.
#[derive(Clone)]
pub(super) struct FileInput {
    pub(super) path: Arc<Path>,
    /// The user named the file itself, and not its folder.
    pub(super) is_named: bool,
    /// The size that the file had when it was found.
    pub(super) bytes: u64,
    pub(super) progress: Progress,
}

impl Input {
    pub(super) fn name(&self) -> Arc<Path> {
        match self {
            Self::File(file) => Arc::clone(&file.path),
            Self::Reader { name, .. } => Arc::clone(name),
        }
    }

    /// Returns the file, if the input is one.
    pub(super) fn file(&self) -> Option<&FileInput> {
        match self {
            Self::File(file) => Some(file),
            Self::Reader { .. } => None,
        }
    }

    /// Returns the same input once more, if it can be read again.
    pub(super) fn again(&self) -> Option<Self> {
        self.file().cloned().map(Self::of_file)
    }

    /// An input that will be read.
    pub(super) fn of_file(file: FileInput) -> Self {
        file.progress.add_total(file.bytes);
        Self::File(file)
    }
}
