use log_files::trace_index::TraceKey;
use std::ops::Range;

/// What a scan looks for.
pub(crate) trait Wanted {
    /// Whether lines without an id belong to the line before them.
    const TAKES_FOLLOWING: bool;

    /// Returns the range of the first thing wanted that begins at `from` or after it.
    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>>;

    /// Returns the key by which an index says where it may be, if there is one.
    fn key(&self) -> Option<TraceKey> {
        None
    }
}
