use log_files::{FileKey, discover::FoundFile};
use std::path::PathBuf;

/// Identifies a file while it exists. Where the file system's key is not unique, the path is a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileId {
    key: FileKey,
    path: Option<PathBuf>,
}

impl FileId {
    pub(super) fn of(file: &FoundFile) -> Self {
        Self {
            key: file.key,
            path: (!FileKey::IS_UNIQUE).then(|| file.path.clone()),
        }
    }
}
