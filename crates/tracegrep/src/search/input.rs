use std::{io::Read, path::Path, sync::Arc};

/// A text to search.
pub(super) enum Input {
    File {
        path: Arc<Path>,
        /// The user named the file itself, and not its folder.
        is_named: bool,
    },
    /// A text that can be read only once.
    Reader {
        name: Arc<Path>,
        reader: Box<dyn Read + Send>,
    },
}

impl Input {
    pub(super) fn name(&self) -> Arc<Path> {
        match self {
            Self::File { path, .. } => Arc::clone(path),
            Self::Reader { name, .. } => Arc::clone(name),
        }
    }

    /// Returns the same input once more, if it can be read again.
    pub(super) fn again(&self) -> Option<Self> {
        match self {
            Self::File { path, is_named } => Some(Self::File {
                path: Arc::clone(path),
                is_named: *is_named,
            }),
            Self::Reader { .. } => None,
        }
    }
}
