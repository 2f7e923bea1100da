use std::{
    fmt,
    fs::{File, Metadata},
    time::SystemTime,
};

/// Creation time of a file. The standard library has no better stable identity on this platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    created: Option<SystemTime>,
}

impl Identity {
    /// Returns the identity of the file with this metadata.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            created: metadata.created().ok(),
        }
    }
}

/// Always returns `false`, because the standard library cannot determine this. On Windows, an open file usually cannot be removed.
pub fn is_removed(_: &File) -> bool {
    false
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self
            .created
            .and_then(|created| created.duration_since(SystemTime::UNIX_EPOCH).ok());
        write!(f, "created:{}", since.unwrap_or_default().as_nanos())
    }
}
