use std::fs::File;

/// Returns whether an open file has been removed from all folders.
#[cfg(unix)]
#[must_use]
pub fn is_removed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
}

/// Always returns `false`, because the standard library cannot determine this. On Windows, an open file usually cannot be removed.
#[cfg(not(unix))]
#[must_use]
pub fn is_removed(_: &File) -> bool {
    false
}
