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

/// Nobody can say; elsewhere an open file cannot be removed either.
pub(super) fn is_removed(_: &File) -> bool {
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
