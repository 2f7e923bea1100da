use log_files::{FileKey, discover::FoundFile};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The files that are left out, although a path includes them.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    paths: Vec<PathBuf>,
    /// Those of files with several names too.
    keys: Vec<FileKey>,
}

impl LeftOut {
    /// The files that these paths lead to at this moment.
    pub(crate) fn of(paths: &[PathBuf]) -> Self {
        let key = |path: &PathBuf| {
            let metadata = fs::metadata(path).ok()?;
            (FileKey::IS_UNIQUE && metadata.is_file()).then(|| FileKey::of(&metadata))
        };
        Self {
            paths: paths.iter().flat_map(fs::canonicalize).collect(),
            keys: paths.iter().filter_map(key).collect(),
        }
    }

    pub(crate) fn has(&self, file: &FoundFile) -> bool {
        self.keys.contains(&file.key) || self.has_path(&file.path)
    }

    fn has_path(&self, path: &Path) -> bool {
        !self.paths.is_empty()
            && fs::canonicalize(path).is_ok_and(|path| self.paths.contains(&path))
    }
}
