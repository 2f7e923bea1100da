use std::{
    fmt,
    fs::{File, Metadata},
    time::SystemTime,
};

/// Which file it is, whatever its name: where nothing better is stable, when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    created: Option<SystemTime>,
}

impl Identity {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            created: metadata.created().ok(),
        }
    }
}

/// Unknown here. On Windows the name of an open file usually cannot be removed.
pub(crate) fn is_removed(_: &File) -> bool {
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
