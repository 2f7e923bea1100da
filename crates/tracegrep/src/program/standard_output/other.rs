use std::path::PathBuf;

/// There is no path that leads to standard output here.
pub(crate) fn path() -> Option<PathBuf> {
    None
}
