use crate::files::FileId;
use std::time::SystemTime;

/// A file that was read to its end and closed.
pub(super) struct FinishedFile {
    pub(super) id: FileId,
    /// The size and the modification time when it was closed.
    pub(super) fingerprint: (u64, SystemTime),
}
