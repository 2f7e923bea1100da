use super::PatternError;
use std::path::{Path, PathBuf};

/// The folders, files and glob patterns that name log files.
///
/// - A folder includes the files in it, but not those in its subfolders.
/// - A file includes the files to which it is rotated: `orders.jsonl` includes `orders.jsonl.1.gz`.
/// - A pattern includes the files that match it, and those to which such files are rotated: `*.log` includes `app.log.1`, even while there
///   is no `app.log`. `*`, `?` and `[a-z]` match within a name, and `**` matches any number of folders.
///
/// Hidden and [unfinished](crate::names::is_temporary) files are left out, unless a path names a hidden file.
///
/// A symbolic link to a file is followed, and the rotated files beside its target are included. An attacker could plant a link to a file
/// outside the folder, so that the shipper reads that file. So such a link is followed only if the owner of the folder owns the link and
/// the target (on Unix), or with [`with_linked_files`](Self::with_linked_files). The same rule applies to links to folders that match a
/// pattern. `**` follows no links to folders.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub(super) paths: Vec<PathBuf>,
    pub(super) follows_all_links: bool,
}

impl Sources {
    /// Adds a folder, a file or a glob pattern.
    pub fn add(&mut self, path: impl Into<PathBuf>) {
        self.paths.push(path.into());
    }

    /// Sets whether to follow symbolic links regardless of the owners of the links and their targets. The default is `false`.
    #[must_use]
    pub fn with_linked_files(mut self, enabled: bool) -> Self {
        self.follows_all_links = enabled;
        self
    }

    /// Returns the folder of the first files.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let first = self.paths.first()?;
        if first.is_dir() {
            return Some(first.clone());
        }
        let is_fixed = |path: &Path| !has_wildcard(&path.to_string_lossy());
        let parent = first.ancestors().skip(1).find(|path| is_fixed(path))?;
        Some(match parent.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => parent.to_owned(),
        })
    }

    /// Checks the patterns alone, not the disk.
    ///
    /// # Errors
    ///
    /// If there are no paths, or a glob pattern is invalid.
    pub fn check(&self) -> Result<(), PatternError> {
        if self.paths.is_empty() {
            return Err(PatternError::empty());
        }
        for path in &self.paths {
            let text = path.to_string_lossy();
            if let Err(error) = glob::Pattern::new(&text) {
                return Err(PatternError::invalid(text.into_owned(), error));
            }
        }
        Ok(())
    }
}

pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '['])
}
