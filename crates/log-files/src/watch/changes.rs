use std::{collections::BTreeSet, path::PathBuf};

/// What to look at, because it changed or because it cannot be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Nothing changed.
    Nothing,
    /// Something may have changed at these paths. The path of a watched folder stands for all files in it.
    Paths(BTreeSet<PathBuf>),
    /// Anything may have changed.
    Everything,
}
