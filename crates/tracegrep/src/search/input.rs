use super::{Progress, remote::LineServer};
use std::{io::Read, path::Path, sync::Arc};

/// A text to search.
pub(super) enum Input {
    File(FileInput),
    /// A text that can be read only once.
    Reader {
        name: Arc<Path>,
        reader: Box<dyn Read + Send>,
    },
    Server(Arc<dyn LineServer>),
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
            Self::Server(server) => Path::new(server.name()).into(),
        }
    }

    /// Returns the same input once more, if it can be read again.
    pub(super) fn again(&self) -> Option<Self> {
        match self {
            Self::File(file) => Some(Self::File(file.clone())),
            Self::Server(server) => Some(Self::Server(Arc::clone(server))),
            Self::Reader { .. } => None,
        }
    }

    /// Adds the input to what the progress is going to count.
    pub(super) fn announced(self) -> Self {
        if let Self::File(file) = &self {
            file.progress.add_total(file.bytes);
        }
        self
    }
}
